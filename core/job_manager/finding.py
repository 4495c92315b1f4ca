"""What a person should know of, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong (an error) or doubtful (a warning). `topic` is a word or two: what it is about."""

    topic: str
    text: Sentence
    remedy: Sentence
    is_error: bool = False

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        level = "error" if self.is_error else "warning"
        return {"level": level, "topic": self.topic, "text": self.text, "remedy": self.remedy}
