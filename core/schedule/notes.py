"""What may surprise the people who wrote an expression."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.schedule.expression import LONGEST_MONTH, Expression
from core.schedule.field import DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, Field, FieldKind
from core.schedule.wall_times import WallTimes
from core.schedule.zone_clock import Stretch, ZoneClock
from core.sentence import Sentence, joined

#: Dates and changes of clocks meet again within some years.
_AHEAD = timedelta(days=3653)
_EACH = {
    MINUTE: Sentence("each hour"),
    HOUR: Sentence("each day"),
    DAY_OF_MONTH: Sentence("each month"),
    MONTH: Sentence("each year"),
    DAY_OF_WEEK: Sentence("each week"),
}
_SHORT_MONTHS = {
    2: Sentence("February"),
    4: Sentence("April"),
    6: Sentence("June"),
    9: Sentence("September"),
    11: Sentence("November"),
}
_WEEKDAYS = (
    *(Sentence("Sunday"), Sentence("Monday"), Sentence("Tuesday"), Sentence("Wednesday")),
    *(Sentence("Thursday"), Sentence("Friday"), Sentence("Saturday")),
)


def notes_of(times: WallTimes, zone_name: str, zone_clock: ZoneClock, now: datetime) -> list[Sentence]:
    """A sentence for each surprise; changes of the clocks are looked for in the ten years after `now` (naive, UTC)."""
    expression = times.expression
    steps = [note for field in expression.fields for note in _steps(field)]
    return [*steps, *_either(expression), *_short_months(expression), *_changes(times, zone_name, zone_clock, now)]


def _steps(field: Field) -> list[Sentence]:
    """`*/n` counts multiples, and begins anew with each hour, day, month, year or week."""
    kind = field.kind
    found = []
    for item in field.numbers:
        if not item.is_star or item.step == 1:
            continue
        text = Sentence("*/{step} in {field}", step=item.step, field=kind.name)
        each, length = _EACH[kind], kind.last - kind.first + 1
        if len(item.values) == 1:
            value = _name(kind, item.values[0])
            told = Sentence("{text} is {value} only: the count begins anew {each}.", text=text, value=value, each=each)
            found.append(told)
        elif kind in (MINUTE, HOUR):
            if length % item.step:
                values, rest = _numbers(item.values), _rest(kind, length - item.values[-1])
                found.append(
                    Sentence(
                        "{text} begins anew {each}: {values}, then 0 after {rest}.",
                        text=text,
                        each=each,
                        values=values,
                        rest=rest,
                    )
                )
        else:
            is_week = kind is DAY_OF_WEEK
            shown = _listed([_WEEKDAYS[value] for value in item.values]) if is_week else _numbers(item.values)
            found.append(
                Sentence(
                    "{text} means the multiples of {step} in {each}: {values}.",
                    text=text,
                    step=item.step,
                    each=each,
                    values=shown,
                )
            )
    return found


def _name(kind: FieldKind, value: int) -> Sentence:
    if kind is DAY_OF_WEEK:
        return _WEEKDAYS[value]
    if kind is DAY_OF_MONTH:
        return Sentence("day {number}", number=value)
    if kind is MONTH:
        return Sentence("month {number}", number=value)
    return Sentence("hour {number}", number=value) if kind is HOUR else Sentence("minute {number}", number=value)


def _rest(kind: FieldKind, count: int) -> Sentence:
    return Sentence("{count} hours", count=count) if kind is HOUR else Sentence("{count} minutes", count=count)


def _numbers(values: tuple[int, ...]) -> Sentence:
    return _listed([str(value) for value in values])


def _listed(parts: Sequence[str]) -> Sentence:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) == 1:
        return joined(parts)
    return Sentence("{first} and {last}", first=joined(parts[:-1], ", "), last=parts[-1])


def _either(expression: Expression) -> list[Sentence]:
    if not expression.has_either_day:
        return []
    told = [Sentence("day-of-month and day-of-week are both restricted: a day that meets one of them is enough.")]
    full = [field for field in (expression.day_of_month, expression.day_of_week) if field.is_full]
    for field in full[:1]:
        name, text = field.kind.name, field.text
        told.append(Sentence("{field} '{text}' is every day, so that this is every day.", field=name, text=text))
    return [joined(told)]


def _short_months(expression: Expression) -> list[Sentence]:
    """Days that are named one by one, and that some of the months do not have."""
    found = []
    months = expression.month.values
    days = sorted({item.values[0] for item in expression.day_of_month.numbers if len(item.values) == 1})
    for day in (day for day in days if day > 28):
        without = [_SHORT_MONTHS[month] for month in months if LONGEST_MONTH[month] < day]
        if without:
            found.append(Sentence("There is no day {day} in {months}.", day=day, months=_listed(without)))
        elif day == 29 and 2 in months:
            found.append(Sentence("February has a day 29 in leap years only."))
    if found and days[-1] == 31:
        found.append(Sentence("L is the last day of every month."))
    return [*found, *_special_days(expression)]


def _special_days(expression: Expression) -> list[Sentence]:
    found = []
    for special in expression.day_of_month.specials:
        if special.kind == "nearest working" and special.number > 28:
            found.append(
                Sentence(
                    "{day}W counts from the last day in months that have no day {day}.",
                    day=special.number,
                )
            )
    for special in expression.day_of_week.specials:
        if special.kind == "nth" and special.nth == 5:
            weekday = _WEEKDAYS[special.number]
            found.append(Sentence("Months in which {weekday} comes four times only are left out.", weekday=weekday))
    return found


def _changes(times: WallTimes, zone_name: str, zone_clock: ZoneClock, now: datetime) -> list[Sentence]:
    """The next time that clocks go forward over a fire, and the next that they go back over one."""
    if times.expression.follows_real_time and times.expression.hour.is_full:
        return []  # goes on as if nothing had happened
    forward: Sentence | None = None
    back: Sentence | None = None
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


def _forward(expression: Expression, zone_name: str, stretch: Stretch) -> Sentence:
    what = Sentence("runs once, at {time}", time=f"{stretch.wall_start:%H:%M}")
    return Sentence(
        "Clocks in {zone} go from {start} to {end}: what is due between {what}.",
        zone=zone_name,
        start=f"{stretch.reached:%Y-%m-%d %H:%M}",
        end=_later(stretch.reached, stretch.wall_start),
        what=Sentence("does not run") if expression.follows_real_time else what,
    )


def _back(expression: Expression, zone_name: str, stretch: Stretch) -> Sentence:
    return Sentence(
        "Clocks in {zone} go back from {start} to {end}: what is due between {what}.",
        zone=zone_name,
        start=f"{stretch.reached:%Y-%m-%d %H:%M}",
        end=_later(stretch.reached, stretch.wall_start),
        what=Sentence("runs twice") if expression.follows_real_time else Sentence("runs the first time only"),
    )


def _later(former: datetime, wall: datetime) -> str:
    return f"{wall:%H:%M}" if wall.date() == former.date() else f"{wall:%Y-%m-%d %H:%M}"
