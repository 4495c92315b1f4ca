"""Who keeps jobs from starting, since when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from core.sentence import Sentence

#: In the place of a job type: all of them, on all machines.
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Pause:
    """Who paused, since when, and why, if they said so."""

    by: str
    since: datetime
    reason: str | None

    @property
    def sentence(self) -> Sentence:
        """`by ada since 2026-01-01T00:00:00Z ("upgrade")`: the end of a sentence."""
        since = clock.to_iso(self.since)
        if self.reason:
            return Sentence('by {name} since {moment} ("{reason}")', name=self.by, moment=since, reason=self.reason)
        return Sentence("by {name} since {moment}", name=self.by, moment=since)

    def __str__(self) -> str:
        return self.sentence

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"by": self.by, "since": clock.to_iso(self.since), "reason": self.reason}
