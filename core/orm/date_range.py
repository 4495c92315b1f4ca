"""Ranges of days, as people in a time zone mean them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

#: More than any date reaches; it keeps `date` from overflowing.
MOST_DAYS = 36_525


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The moment at which the range begins in a zone, and the one at which it is over, in UTC.

        A day begins at midnight, or at the first moment after it where the clocks are put forward at midnight.
        """
        return start_of(self.first, zone), start_of(self.last + timedelta(days=1), zone)


def start_of(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day in a zone, in UTC."""
    # `fold` 0 is the first of two midnights; of a midnight that does not exist it is the moment of the change, as the
    # offset before the change is taken.
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _month(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _months(first: date, length: int) -> DayRange:
    return DayRange(first, _month(first, length) - timedelta(days=1))


def _quarter(day: date) -> date:
    return _month(day, -((day.month - 1) % 3))


#: From today to the range that a word means.
RANGES: Mapping[str, Callable[[date], DayRange]] = {
    "today": lambda today: DayRange(today, today),
    "lastMonth": lambda today: _months(_month(today, -1), 1),
    "currentMonth": lambda today: _months(_month(today, 0), 1),
    "nextMonth": lambda today: _months(_month(today, 1), 1),
    "lastQuarter": lambda today: _months(_month(_quarter(today), -3), 3),
    "currentQuarter": lambda today: _months(_quarter(today), 3),
    "lastYear": lambda today: _months(date(today.year - 1, 1, 1), 12),
    "currentYear": lambda today: _months(date(today.year, 1, 1), 12),
}
