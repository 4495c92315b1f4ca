"""How far the clocks of a time zone are from UTC, as stretches of real time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise

_SECOND = timedelta(seconds=1)
#: No zone has changed its clocks twice within six days, ever.
_PROBE = timedelta(days=4)
#: More than the clocks were ever put back by (a day, where the date line moved).
_BEFORE = timedelta(days=2)


@dataclass(frozen=True)
class Stretch:
    """Real time between two changes of the clocks, or a part of it. Naive moments: `start` and `end` are UTC."""

    start: datetime
    end: datetime
    offset: timedelta
    #: What the clocks have shown before is all that is earlier than this, and nothing of what is later.
    reached: datetime

    @property
    def wall_start(self) -> datetime:
        return self.start + self.offset

    @property
    def is_gap(self) -> bool:
        """Whether the clocks leave out the times from `reached` to `wall_start` at the start."""
        return self.reached < self.wall_start

    @property
    def is_repeat(self) -> bool:
        """Whether the clocks show the times from `wall_start` to `reached` for a second time."""
        return self.reached > self.wall_start


class ZoneClock:
    """The stretches of a time zone, found once per year: zoneinfo has no list of them."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._years: dict[int, list[Stretch]] = {}

    def stretches_from(self, moment: datetime) -> Iterator[Stretch]:
        """The stretch that a naive moment in UTC is in, then all that follow, to the end of the year 9998."""
        for year in range(moment.year, datetime.max.year):
            for stretch in self._stretches(year):
                if stretch.end > moment:
                    yield stretch

    def _stretches(self, year: int) -> list[Stretch]:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = self._find(datetime(year, 1, 1), datetime(year + 1, 1, 1))
        return found

    def _find(self, start: datetime, end: datetime) -> list[Stretch]:
        changes = list(self._changes(start - _BEFORE, end))
        reached = changes[0] + self._offset(changes[0])
        stretches = []
        for begin, finish in pairwise(sorted({*changes, start, end})):
            offset = self._offset(begin)
            if begin >= start:
                stretches.append(Stretch(begin, finish, offset, reached))
            reached = max(reached, finish + offset)
        return stretches

    def _changes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """`start`, then the first moments of new offsets."""
        yield start
        while start < end:
            later = min(start + _PROBE, end)
            if self._offset(start) != self._offset(later):
                yield self._first_change(start, later)
            start = later

    def _first_change(self, before: datetime, after: datetime) -> datetime:
        old = self._offset(before)
        while after - before > _SECOND:
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            if self._offset(middle) == old:
                before = middle
            else:
                after = middle
        return after

    def _offset(self, moment: datetime) -> timedelta:
        return self._zone.utcoffset(moment.replace(tzinfo=UTC).astimezone(self._zone)) or timedelta()


@lru_cache(maxsize=1024)
def zone_clock_of(zone: tzinfo) -> ZoneClock:
    """The same object for all schedules of one zone: they share the years that were found."""
    return ZoneClock(zone)
