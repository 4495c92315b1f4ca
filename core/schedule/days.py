"""The days on which an expression fires: croniter knows the calendar."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date, datetime, time, timedelta
from typing import Any

from core.schedule.expression import Expression
from core.schedule.field import Field, Special

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_FRIDAY = 4
_MOST_KNOWN = 400

#: The first day at or after a day, or None where the calendar has none any more.
NextDay = Callable[[date], date | None]


def next_day_of(expression: Expression) -> NextDay:
    """How to find the days of the expression.

    croniter takes few kinds of days together, so each kind asks for itself, and the earliest counts.
    """
    if not any(field.is_restricted for field in (expression.day_of_month, expression.month, expression.day_of_week)):
        return lambda day: day
    month = ",".join(map(str, expression.month.values))
    parts = [
        *(_part(special, f"0 0 {text} {month} *") for text, special in _patterns(expression.day_of_month)),
        *(_part(special, f"0 0 * {month} {text}") for text, special in _patterns(expression.day_of_week)),
    ]
    return _earliest(parts or [_by_croniter(f"0 0 * {month} *")])


def _patterns(field: Field) -> list[tuple[str, Special | None]]:
    """What croniter is to be asked for, one after the other, with the special day that it comes from."""
    if not field.is_restricted:
        return []
    numbers = ",".join(map(str, field.values))
    return [*([(numbers, None)] if numbers else []), *((_as_croniter_writes(each), each) for each in field.specials)]


def _as_croniter_writes(special: Special) -> str:
    if special.kind == "nearest working":
        return f"{special.number}W"
    if special.kind == "nth":
        return f"{special.number}#{special.nth}"
    if special.kind == "last weekday":
        return f"L{special.number}"
    return "L"


def _part(special: Special | None, pattern: str) -> NextDay:
    next_day = _by_croniter(pattern)
    return _last_working(next_day) if special and special.kind == "last working" else next_day


def _by_croniter(pattern: str) -> NextDay:
    from croniter import croniter  # takes 100 ms to load, and most expressions name no days

    made: Any = croniter(pattern)

    def next_day(day: date) -> date | None:
        before = datetime.combine(day, time()) - _MINUTE
        try:
            # A copy: the object keeps the moment it was asked for, and threads share this one.
            found: datetime = copy(made).get_next(datetime, before)
        except (ValueError, OverflowError):  # none within 50 years, or the year 10000
            return None
        return found.date()

    return next_day


def _last_working(last_day: NextDay) -> NextDay:
    """The last Monday to Friday of months, from their last days: croniter has no LW."""

    def next_day(day: date) -> date | None:
        last = last_day(day)
        while last is not None:
            working = last - max(0, last.weekday() - _FRIDAY) * _DAY
            if working >= day:
                return working
            last = last_day(last + _DAY)
        return None

    return next_day


def _earliest(parts: list[NextDay]) -> NextDay:
    known: dict[date, date | None] = {}  # schedules of one expression are due on the same days

    def next_day(day: date) -> date | None:
        try:
            return known[day]
        except KeyError:
            pass
        found = min((each for part in parts if (each := part(day)) is not None), default=None)
        if len(known) > _MOST_KNOWN:
            known.clear()
        known[day] = found
        if found is not None:
            known[found] = found
        return found

    return next_day
