"""How many jobs have ended since this process began to ask: a number that only grows, however old rows are pruned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from core import clock
from core.container import Container
from core.job_queue.run_times import RunTimes

_MINUTE = timedelta(minutes=1)
#: A transaction may be committed somewhat later than in the minute for which it counts.
_SETTLED = timedelta(minutes=3)
_FOLD_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Total:
    """How many jobs ended, the seconds of their runs, and how long each took."""

    count: int = 0
    seconds: float = 0.0
    run_times: RunTimes = field(default_factory=RunTimes)

    def __add__(self, other: Total) -> Total:
        return Total(self.count + other.count, self.seconds + other.seconds, self.run_times + other.run_times)

    def __sub__(self, other: Total) -> Total:
        return Total(self.count - other.count, self.seconds - other.seconds, self.run_times - other.run_times)


#: By type and status.
Totals = Mapping[tuple[str, str], Total]
_NOTHING = Total()


class EndedTotals:
    """Sums up the counters; what is over is read once, and the last minutes each time. May be asked by any thread."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._lock = Lock()
        self._since: datetime | None = None
        self._before: Totals = {}
        self._settled: Totals = {}

    def read(self) -> Totals:
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
            return {key: total - self._before.get(key, _NOTHING) for key, total in recent.items()}

    def _read(self, since: datetime, until: datetime) -> Totals:
        counters = self._container.get("jobQueue").counters
        with self._container.get("connection").read() as connection:
            found = counters.read(connection, since, until, with_run_times=True)
        return {(each.type, each.status): Total(each.count, each.seconds, each.run_times) for each in found}


def _added(one: Totals, other: Totals) -> Totals:
    return {key: one.get(key, _NOTHING) + other.get(key, _NOTHING) for key in one.keys() | other.keys()}
