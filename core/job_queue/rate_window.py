"""How many starts a span of time has seen: counts by slots of it, so that memory and row stay small at any rate."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_TEXT = re.compile(r"([1-9][0-9]{0,8}) ?/ ?(second|minute|hour|day)")
#: A window begins somewhere in a slot: so many whole slots and that one cover it.
_SLOTS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` starts in any window of `seconds`."""

    most: int
    seconds: int

    @classmethod
    def parse(cls, text: object) -> Rate:
        """`100/minute`; raises ValueError for what is no rate."""
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"is {text!r}, which is no number per second, minute, hour or day such as 100/minute")
        return cls(int(found[1]), _SECONDS[found[2]])

    def __str__(self) -> str:
        return f"{self.most}/{next(name for name, seconds in _SECONDS.items() if seconds == self.seconds)}"


class RateWindow:
    """The starts of the last window, as they are kept in a row: JSON, slot -> count.

    What is no such JSON counts as no starts. Slots are numbered from 1970 on, so that all machines mean the same by
    one; what a clock that was ahead has written is forgotten.
    """

    def __init__(self, rate: Rate, stored: str | None, now: datetime) -> None:
        self._rate = rate
        self._now = self._slot(now)
        self._counts = {
            slot: count for slot, count in _counts(stored).items() if self._now - _SLOTS <= slot <= self._now + _SLOTS
        }

    @property
    def room(self) -> int:
        """How many more may start now."""
        return max(0, self._rate.most - sum(self._counts.values()))

    @property
    def opens_at(self) -> datetime:
        """When there is room for one more: enough of the oldest starts have left the window."""
        excess = sum(self._counts.values()) - self._rate.most + 1
        last = self._now - _SLOTS - 1
        for slot in sorted(self._counts):
            if excess <= 0:
                break
            excess -= self._counts[slot]
            last = slot
        return datetime.fromtimestamp((last + _SLOTS + 1) * self._rate.seconds / _SLOTS, UTC)

    def add(self, count: int) -> None:
        """So many have started now."""
        self._counts[self._now] = self._counts.get(self._now, 0) + count

    def to_json(self) -> str:
        """For the row."""
        return json.dumps({str(slot): count for slot, count in sorted(self._counts.items())}, separators=(",", ":"))

    def _slot(self, moment: datetime) -> int:
        return int(moment.timestamp() * _SLOTS // self._rate.seconds)


def _counts(stored: str | None) -> dict[int, int]:
    try:
        document = json.loads(stored or "{}")
        return {int(slot): int(count) for slot, count in document.items()} if isinstance(document, Mapping) else {}
    except (TypeError, ValueError):  # bare SQL writes anything
        return {}
