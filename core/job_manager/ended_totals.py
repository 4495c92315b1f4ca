"""How many jobs have ended since this process began to ask: a number that only grows, however old rows are pruned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from core import clock
from core.container import Container
from core.job_queue.counters import Count

#: Type and status; how many, and the seconds of their runs.
Key = tuple[str, str]
Sums = Mapping[Key, tuple[int, float]]

_MINUTE = timedelta(minutes=1)
#: A transaction may be committed somewhat later than in the minute for which it counts.
_SETTLED = timedelta(minutes=3)
_FOLD_AFTER = timedelta(minutes=10)


class EndedTotals:
    """Sums up the counters; what is over is read once, and the last minutes each time. May be asked by any thread."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._lock = Lock()
        self._since: datetime | None = None
        self._before: dict[Key, tuple[int, float]] = {}
        self._settled: dict[Key, tuple[int, float]] = {}

    def read(self) -> Sums:
        """By type and status."""
        now = clock.now()
        with self._lock:
            if self._since is None:
                self._since = now.replace(second=0, microsecond=0)
                self._before = self._read(self._since, now + _MINUTE)
            if now - self._since > _FOLD_AFTER:
                until = (now - _SETTLED).replace(second=0, microsecond=0)
                self._settled = _added(self._settled, self._read(self._since, until))
                self._since = until
            recent = _added(self._settled, self._read(self._since, now + _MINUTE))
            return _added(recent, {key: (-count, -seconds) for key, (count, seconds) in self._before.items()})

    def _read(self, since: datetime, until: datetime) -> dict[Key, tuple[int, float]]:
        counters = self._container.get("jobQueue").counters
        with self._container.get("connection").read() as connection:
            found: list[Count] = counters.read(connection, since, until)
        return {(each.type, each.status): (each.count, each.seconds) for each in found}


def _added(one: Sums, other: Sums) -> dict[Key, tuple[int, float]]:
    nothing = (0, 0.0)
    return {
        key: tuple(map(sum, zip(one.get(key, nothing), other.get(key, nothing), strict=True)))  # type: ignore[misc]  # two numbers stay two
        for key in one.keys() | other.keys()
    }
