"""Expressions in English."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.schedule.expression import Expression
from core.schedule.field import Field, Special

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
ORDINALS = ("first", "second", "third", "fourth", "fifth")

#: So many times of a day are named one by one.
_MOST_TIMES = 6
_DAY_MINUTES = 24 * 60


def in_words(expression: Expression) -> str:
    """When the expression fires, as a sentence without its stop: `At 02:00 every day`."""
    time, days = _time_of_day(expression), _days(expression)
    # `from 08:00 to 17:00, from Monday to Friday`
    comma = "," if days and any(word in time for word in (" from ", " of ", " in ")) else ""
    return f"{time}{comma}{days}"


def listed(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def runs(values: Sequence[int], names: Sequence[str] = ()) -> list[str]:
    """Numbers, or names by number, with three or more in a row as `a to b`."""
    found: list[list[int]] = []
    for value in values:
        if found and value == found[-1][-1] + 1:
            found[-1].append(value)
        else:
            found.append([value])
    shown = names or [str(value) for value in range(max(values) + 1)]
    return [
        text
        for run in found
        for text in ([f"{shown[run[0]]} to {shown[run[-1]]}"] if len(run) > 2 else [shown[value] for value in run])
    ]


def _time_of_day(expression: Expression) -> str:
    minutes, hours, times = expression.minute, expression.hour, expression.times
    step = _even_step(minutes.values, 60)
    if step is not None:
        return ("Every minute" if step == 1 else f"Every {step} minutes") + _hours(hours, times)
    if len(times) <= _MOST_TIMES:
        return f"At {listed([_clock(time) for time in times])}"
    if len(minutes.values) == 1:
        return _hourly(hours, times)
    named = f"At minutes {listed(runs(minutes.values))} of "
    return named + ("every hour" if hours.is_full else f"the hours {listed(runs(hours.values))}")


def _even_step(values: Sequence[int], length: int) -> int | None:
    """The minutes, or hours, between two values, where it is always the same, the next round included."""
    step = length // len(values)
    return step if len(values) > 1 and tuple(values) == tuple(range(0, length, step)) else None


def _hours(hours: Field, times: Sequence[int]) -> str:
    if hours.is_full:
        return ""
    if hours.values[-1] - hours.values[0] == len(hours.values) - 1:
        return f" from {_clock(times[0])} to {_clock(times[-1])}"
    return f" in the hours {listed(runs(hours.values))}"


def _hourly(hours: Field, times: Sequence[int]) -> str:
    """The same minute in many hours."""
    minute = times[0] % 60
    if hours.is_full:
        return f"At minute {minute} of every hour" if minute else "Every hour"
    steps = {later - earlier for earlier, later in pairwise(times)}
    if len(steps) == 1:
        step = steps.pop() // 60
        return f"Every {'hour' if step == 1 else f'{step} hours'} from {_clock(times[0])} to {_clock(times[-1])}"
    return f"At minute {minute} of the hours {listed(runs(hours.values))}"


def _clock(minutes: int) -> str:
    return "{:02}:{:02}".format(*divmod(minutes, 60))


def _days(expression: Expression) -> str:
    month = expression.month
    by_month = _days_of_month(expression.day_of_month, month) if expression.day_of_month.is_restricted else []
    by_week = _days_of_week(expression.day_of_week, month) if expression.day_of_week.is_restricted else []
    if by_month or by_week:
        return f" {', and also '.join(filter(None, (listed(by_month or ['']), listed(by_week or ['']))))}"
    return ("" if expression.hour.is_full else " every day") + _in_months(month)


def _days_of_month(field: Field, month: Field) -> list[str]:
    days = [f"{'day' if len(field.values) == 1 else 'days'} {listed(runs(field.values))}"] if field.values else []
    days += [_special(special) for special in field.specials]
    return [f"on {listed(days)} of {_months(month)}"]


def _days_of_week(field: Field, month: Field) -> list[str]:
    found = []
    if field.values:
        # A week that goes from Monday to Sunday has FRI-SUN in a row.
        days = runs(sorted((value - 1) % 7 for value in field.values), [*WEEKDAY_NAMES[1:], WEEKDAY_NAMES[0]])
        word = "from" if len(days) == 1 and len(field.values) > 2 else "on"
        found.append(f"{word} {listed(days)}{_in_months(month)}")
    if field.specials:
        found.append(f"on {listed([_special(special) for special in field.specials])} of {_months(month)}")
    return found


def _special(special: Special) -> str:
    if special.kind == "last":
        return "the last day"
    if special.kind == "last working":
        return "the last working day (Monday to Friday)"
    if special.kind == "nearest working":
        return f"the working day (Monday to Friday) nearest to day {special.number}"
    which = "last" if special.kind == "last weekday" else ORDINALS[special.nth - 1]
    return f"the {which} {WEEKDAY_NAMES[special.number]}"


def _in_months(month: Field) -> str:
    return "" if month.is_full else f" in {_months(month)}"


def _months(month: Field) -> str:
    return "every month" if month.is_full else listed(runs(month.values, ["", *MONTH_NAMES]))
