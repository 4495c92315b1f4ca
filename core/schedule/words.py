"""Expressions in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from core.schedule.expression import Expression
from core.schedule.field import Field, Special

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
ORDINALS = ("first", "second", "third", "fourth", "fifth")

#: A phrase in a language, such as `say("Every {step} minutes", step=5)`: its name is the English one, with its places.
Say = Callable[..., str]

#: So many times of a day are named one by one.
_MOST_TIMES = 6
_DAY_MINUTES = 24 * 60


def in_english(phrase: str, **values: object) -> str:
    """The phrase as it stands."""
    return phrase.format(**values)


def in_words(expression: Expression, say: Say = in_english) -> str:
    """When the expression fires, as a sentence without its stop: `At 02:00 every day`."""
    return _Words(say).sentence(expression)


def listed(texts: Sequence[str], say: Say = in_english) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(texts) == 1:
        return texts[0]
    return say("{first} and {last}", first=", ".join(texts[:-1]), last=texts[-1])


def runs(values: Sequence[int], names: Sequence[str] = (), say: Say = in_english) -> list[str]:
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
        for text in (
            [say("{first} to {last}", first=shown[run[0]], last=shown[run[-1]])]
            if len(run) > 2
            else [shown[value] for value in run]
        )
    ]


class _Words:
    """Says an expression in one language."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def sentence(self, expression: Expression) -> str:
        (time, is_spread), days = self._time_of_day(expression), self._days(expression)
        # `from 08:00 to 17:00, from Monday to Friday`
        return f"{time}{',' if days and is_spread else ''}{' ' if days else ''}{days}"

    def _time_of_day(self, expression: Expression) -> tuple[str, bool]:
        """The words, and whether a comma is to follow them."""
        minutes, hours, times = expression.minute, expression.hour, expression.times
        step = _even_step(minutes.values, 60)
        if step is not None:
            every = self._say("Every minute") if step == 1 else self._say("Every {step} minutes", step=step)
            span = self._hours(hours, times)
            return (f"{every} {span}", True) if span else (every, False)
        if len(times) <= _MOST_TIMES:
            return self._say("At {times}", times=self._listed([_clock(time) for time in times])), False
        if len(minutes.values) == 1:
            return self._hourly(hours, times)
        named = self._numbers(minutes.values)
        if hours.is_full:
            return self._say("At minutes {minutes} of every hour", minutes=named), True
        return self._say(
            "At minutes {minutes} of the hours {hours}", minutes=named, hours=self._numbers(hours.values)
        ), True

    def _hours(self, hours: Field, times: Sequence[int]) -> str:
        if hours.is_full:
            return ""
        if hours.values[-1] - hours.values[0] == len(hours.values) - 1:
            return self._say("from {first} to {last}", first=_clock(times[0]), last=_clock(times[-1]))
        return self._say("in the hours {hours}", hours=self._numbers(hours.values))

    def _hourly(self, hours: Field, times: Sequence[int]) -> tuple[str, bool]:
        """The same minute in many hours."""
        minute = times[0] % 60
        if hours.is_full and not minute:
            return self._say("Every hour"), False
        if hours.is_full:
            return self._say("At minute {minute} of every hour", minute=minute), True
        steps = {later - earlier for earlier, later in pairwise(times)}
        if len(steps) == 1:
            step = steps.pop() // 60
            every = self._say("Every hour") if step == 1 else self._say("Every {step} hours", step=step)
            return f"{every} {self._hours_between(times)}", True
        hours_named = self._numbers(hours.values)
        return self._say("At minute {minute} of the hours {hours}", minute=minute, hours=hours_named), True

    def _hours_between(self, times: Sequence[int]) -> str:
        return self._say("from {first} to {last}", first=_clock(times[0]), last=_clock(times[-1]))

    def _days(self, expression: Expression) -> str:
        month = expression.month
        by_month = self._days_of_month(expression.day_of_month, month)
        by_week = self._days_of_week(expression.day_of_week, month)
        if by_month and by_week:
            return self._say("{first}, and also {last}", first=by_month, last=by_week)
        if by_month or by_week:
            return by_month or by_week
        every = "" if expression.hour.is_full else self._say("every day")
        return " ".join(filter(None, (every, self._in_months(month))))

    def _days_of_month(self, field: Field, month: Field) -> str:
        if not field.is_restricted:
            return ""
        days = []
        if field.values:
            numbers = self._numbers(field.values)
            days = [
                self._say("day {day}", day=numbers)
                if len(field.values) == 1
                else self._say("days {days}", days=numbers)
            ]
        days += [self._special(special) for special in field.specials]
        return f"{self._say('on {days}', days=self._listed(days))} {self._of_months(month)}"

    def _days_of_week(self, field: Field, month: Field) -> str:
        if not field.is_restricted:
            return ""
        found = []
        if field.values:
            # A week that goes from Monday to Sunday has FRI-SUN in a row.
            names = [self._say(name) for name in (*WEEKDAY_NAMES[1:], WEEKDAY_NAMES[0])]
            days = runs(sorted((value - 1) % 7 for value in field.values), names, self._say)
            phrase = "from {days}" if len(days) == 1 and len(field.values) > 2 else "on {days}"
            found.append(" ".join(filter(None, (self._say(phrase, days=self._listed(days)), self._in_months(month)))))
        if field.specials:
            specials = self._listed([self._special(special) for special in field.specials])
            found.append(f"{self._say('on {days}', days=specials)} {self._of_months(month)}")
        return self._listed(found)

    def _special(self, special: Special) -> str:
        if special.kind == "last":
            return self._say("the last day")
        if special.kind == "last working":
            return self._say("the last working day (Monday to Friday)")
        if special.kind == "nearest working":
            return self._say("the working day (Monday to Friday) nearest to day {day}", day=special.number)
        which = "last" if special.kind == "last weekday" else ORDINALS[special.nth - 1]
        return self._say(f"the {which} {{day}}", day=self._say(WEEKDAY_NAMES[special.number]))

    def _in_months(self, month: Field) -> str:
        return "" if month.is_full else self._say("in {months}", months=self._months(month))

    def _of_months(self, month: Field) -> str:
        return self._say("of every month") if month.is_full else self._say("of {months}", months=self._months(month))

    def _months(self, month: Field) -> str:
        names = [self._say(name) for name in MONTH_NAMES]
        return self._listed(runs(month.values, ["", *names], self._say))

    def _numbers(self, values: Sequence[int]) -> str:
        return self._listed(runs(values, say=self._say))

    def _listed(self, texts: Sequence[str]) -> str:
        return listed(texts, self._say)


def _even_step(values: Sequence[int], length: int) -> int | None:
    """The minutes, or hours, between two values, where it is always the same, the next round included."""
    step = length // len(values)
    return step if len(values) > 1 and tuple(values) == tuple(range(0, length, step)) else None


def _clock(minutes: int) -> str:
    return "{:02}:{:02}".format(*divmod(minutes, 60))
