"""How long runs took, by buckets: what a histogram of Prometheus and a percentile are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

#: The attributes of JobCounter that count the runs that took no longer, and their upper bounds in seconds.
#: A bound is never changed: rows that are there were counted by it.
BOUNDS = {
    "within100ms": 0.1,
    "within500ms": 0.5,
    "within1s": 1.0,
    "within5s": 5.0,
    "within15s": 15.0,
    "within1min": 60.0,
    "within5min": 300.0,
    "within30min": 1800.0,
    "within1h": 3600.0,
}
#: Those and the one that counts all runs, in the order of `RunTimes.within`.
WITHIN = (*BOUNDS, "runs")
SECONDS = tuple(BOUNDS.values())


@dataclass(frozen=True, slots=True)
class RunTimes:
    """Of runs, how many took no longer than each bound of BOUNDS, and last how many there are."""

    within: tuple[int, ...] = (0,) * len(WITHIN)

    @property
    def count(self) -> int:
        """How many runs there are."""
        return self.within[-1]

    def __add__(self, other: RunTimes) -> RunTimes:
        return RunTimes(tuple(map(sum, zip(self.within, other.within, strict=True))))

    def __sub__(self, other: RunTimes) -> RunTimes:
        return RunTimes(tuple(one - less for one, less in zip(self.within, other.within, strict=True)))

    def percentile(self, percent: float, total_seconds: float = inf) -> float | None:
        """So many seconds at most took `percent` of the runs, evenly spread in each bucket; None where there is none.

        As `histogram_quantile` of Prometheus says it: what lies beyond the last bound is the last bound. With what all
        runs took in `total_seconds` it is no more than those can have taken that took as long or longer.
        """
        if not self.count:
            return None
        as_long = self.count - ceil(self.count * percent / 100) + 1
        return min(_percentile(self.within, percent), total_seconds / as_long)


def _percentile(within: Sequence[int], percent: float) -> float:
    rank = within[-1] * percent / 100
    lower, before = 0.0, 0
    for upper, count in zip(SECONDS, within, strict=False):
        if count >= rank and count > before:
            return lower + (upper - lower) * (rank - before) / (count - before)
        lower, before = upper, count
    return SECONDS[-1]
