"""When an expression fires on a wall clock that nobody ever sets."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, time, timedelta
from functools import lru_cache

from core.schedule.days import next_day_of
from core.schedule.expression import Expression, read_expression

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class WallTimes:
    """The local times of an expression, naive; `expression` says what was read."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        self._times = expression.times
        self._next_day = next_day_of(expression)

    def first_from(self, wall: datetime) -> datetime | None:
        """The first one at or after a local time; None where the calendar has none any more.

        Raises OverflowError after the end of the year 9999.
        """
        wall = _to_full_minute(wall)
        today = wall.date()
        day = self._next_day(today)
        position = 0
        if day == today:
            position = bisect_left(self._times, wall.hour * 60 + wall.minute)
            if position == len(self._times):
                day, position = self._next_day(today + _DAY), 0
        if day is None:
            return None
        return datetime.combine(day, time(*divmod(self._times[position], 60)))


def _to_full_minute(wall: datetime) -> datetime:
    floor = wall.replace(second=0, microsecond=0)
    return floor if floor == wall else floor + _MINUTE


@lru_cache(maxsize=4096)
def wall_times_of(expression: str) -> WallTimes:
    """The same object for all schedules of one expression, which share what was found; raises InvalidSchedule."""
    return WallTimes(read_expression(expression))
