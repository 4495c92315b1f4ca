"""What may surprise the people who wrote an expression."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.schedule.expression import LONGEST_MONTH, Expression
from core.schedule.field import DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, Field, FieldKind
from core.schedule.wall_times import WallTimes
from core.schedule.words import MONTH_NAMES, WEEKDAY_NAMES, listed, runs
from core.schedule.zone_clock import Stretch, ZoneClock

#: Dates and changes of clocks meet again within some years.
_AHEAD = timedelta(days=3653)
_WHOLE = {MINUTE: "hour", HOUR: "day", DAY_OF_MONTH: "month", MONTH: "year", DAY_OF_WEEK: "week"}


def notes_of(times: WallTimes, zone_name: str, zone_clock: ZoneClock, now: datetime) -> list[str]:
    """A sentence for each surprise; changes of the clocks are looked for in the ten years after `now` (naive, UTC)."""
    expression = times.expression
    steps = [note for field in expression.fields for note in _steps(field)]
    return [*steps, *_either(expression), *_short_months(expression), *_changes(times, zone_name, zone_clock, now)]


def _steps(field: Field) -> list[str]:
    """`*/n` counts multiples, and begins anew with each hour, day, month, year or week."""
    kind = field.kind
    found = []
    for item in field.numbers:
        if not item.is_star or item.step == 1:
            continue
        text, length = f"*/{item.step} in {kind.name}", kind.last - kind.first + 1
        if len(item.values) == 1:
            found.append(f"{text} is {_name(kind, item.values[0])} only: the count begins anew each {_WHOLE[kind]}.")
        elif kind in (MINUTE, HOUR):
            if length % item.step:
                rest = f"{length - item.values[-1]} {kind.name}s"
                found.append(f"{text} begins anew each {_WHOLE[kind]}: {_values(item.values)}, then 0 after {rest}.")
        else:
            names = WEEKDAY_NAMES if kind is DAY_OF_WEEK else ()
            shown = listed([names[value] for value in item.values]) if names else _values(item.values)
            found.append(f"{text} means the multiples of {item.step} in each {_WHOLE[kind]}: {shown}.")
    return found


def _name(kind: FieldKind, value: int) -> str:
    if kind is DAY_OF_WEEK:
        return WEEKDAY_NAMES[value]
    return f"day {value}" if kind is DAY_OF_MONTH else f"{kind.name} {value}"


def _values(values: tuple[int, ...]) -> str:
    return listed([str(value) for value in values])


def _either(expression: Expression) -> list[str]:
    if not expression.has_either_day:
        return []
    full = [field.kind.name for field in (expression.day_of_month, expression.day_of_week) if field.is_full]
    more = f" {full[0]} '{_text(expression, full[0])}' is every day, so that this is every day." if full else ""
    return [f"day-of-month and day-of-week are both restricted: a day that meets one of them is enough.{more}"]


def _text(expression: Expression, name: str) -> str:
    return next(field.text for field in expression.fields if field.kind.name == name)


def _short_months(expression: Expression) -> list[str]:
    """Days that are named one by one, and that some of the months do not have."""
    found = []
    months = expression.month.values
    days = sorted({item.values[0] for item in expression.day_of_month.numbers if len(item.values) == 1})
    for day in (day for day in days if day > 28):
        without = [month for month in months if LONGEST_MONTH[month] < day]
        if without:
            found.append(f"There is no day {day} in {listed(runs(without, ['', *MONTH_NAMES]))}.")
        elif day == 29 and 2 in months:
            found.append("February has a day 29 in leap years only.")
    if found and days[-1] == 31:
        found.append("L is the last day of every month.")
    return [*found, *_special_days(expression)]


def _special_days(expression: Expression) -> list[str]:
    found = []
    for special in expression.day_of_month.specials:
        if special.kind == "nearest working" and special.number > 28:
            found.append(f"{special.number}W counts from the last day in months that have no day {special.number}.")
    for special in expression.day_of_week.specials:
        if special.kind == "nth" and special.nth == 5:
            found.append(f"Months with four {WEEKDAY_NAMES[special.number]}s only are left out.")
    return found


def _changes(times: WallTimes, zone_name: str, zone_clock: ZoneClock, now: datetime) -> list[str]:
    """The next time that clocks go forward over a fire, and the next that they go back over one."""
    if times.expression.follows_real_time and times.expression.hour.is_full:
        return []  # goes on as if nothing had happened
    forward, back = "", ""
    for stretch in zone_clock.stretches_from(now):
        if stretch.start > now + _AHEAD or (forward and back):
            break
        if stretch.start <= now:
            continue
        if stretch.is_gap and not forward and _fires(times, stretch.reached, stretch.wall_start):
            forward = _forward(times.expression, zone_name, stretch)
        if stretch.is_repeat and not back and _fires(times, stretch.wall_start, stretch.reached):
            back = _back(times.expression, zone_name, stretch)
    return [note for note in (forward, back) if note]


def _fires(times: WallTimes, start: datetime, end: datetime) -> bool:
    first = times.first_from(start)
    return first is not None and first < end


def _forward(expression: Expression, zone_name: str, stretch: Stretch) -> str:
    what = "does not run" if expression.follows_real_time else f"runs once, at {stretch.wall_start:%H:%M}"
    until = _later(stretch.reached, stretch.wall_start)
    return f"Clocks in {zone_name} go from {stretch.reached:%Y-%m-%d %H:%M} to {until}: what is due between {what}."


def _back(expression: Expression, zone_name: str, stretch: Stretch) -> str:
    what = "runs twice" if expression.follows_real_time else "runs the first time only"
    until = _later(stretch.reached, stretch.wall_start)
    return (
        f"Clocks in {zone_name} go back from {stretch.reached:%Y-%m-%d %H:%M} to {until}: what is due between {what}."
    )


def _later(former: datetime, wall: datetime) -> str:
    return f"{wall:%H:%M}" if wall.date() == former.date() else f"{wall:%Y-%m-%d %H:%M}"
