"""Who keeps jobs from starting, since when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock

#: In the place of a job type: all of them, on all machines.
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Pause:
    """Who paused, since when, and why, if they said so."""

    by: str
    since: datetime
    reason: str | None

    def __str__(self) -> str:
        reason = f' ("{self.reason}")' if self.reason else ""
        return f"by {self.by} since {clock.to_iso(self.since)}{reason}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"by": self.by, "since": clock.to_iso(self.since), "reason": self.reason}
