"""A cron expression as five fields that were judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.exceptions import InvalidSchedule, did_you_mean
from core.schedule.field import KINDS, Field
from core.schedule.field_reader import read_field
from core.sentence import Sentence, joined

#: Short words for whole expressions.
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

#: All values of all fields, written one by one, take half of it.
_LONGEST = 1000
_FIVE_FIELDS = Sentence("minute hour day-of-month month day-of-week")

#: How many days a month has at most.
LONGEST_MONTH = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


@dataclass(frozen=True)
class Expression:
    """What the five fields say."""

    minute: Field
    hour: Field
    day_of_month: Field
    month: Field
    day_of_week: Field

    @property
    def fields(self) -> tuple[Field, ...]:
        """In the order in which they are written."""
        return (self.minute, self.hour, self.day_of_month, self.month, self.day_of_week)

    @cached_property
    def follows_real_time(self) -> bool:
        """Whether it is a pattern (each real moment that matches counts), and no fixed time of day.

        Cron's own rule since Vixie: what begins with a star is a pattern.
        """
        return self.minute.text.startswith("*") or self.hour.text.startswith("*") or self.hour.is_full

    @cached_property
    def times(self) -> list[int]:
        """The times of a day as minutes since 00:00, in order."""
        return [hour * 60 + minute for hour in self.hour.values for minute in self.minute.values]

    @property
    def has_either_day(self) -> bool:
        """Whether day-of-month and day-of-week are both restricted, so that one of them is enough."""
        return self.day_of_month.is_restricted and self.day_of_week.is_restricted


def read_expression(text: str) -> Expression:
    """The expression that the text is; raises InvalidSchedule with everything that is wrong with it."""
    faults: list[Sentence] = []
    expression = _read(text, faults)
    if expression is None or faults:
        shown = text if len(text) <= _LONGEST else text[:40] + "..."
        told = Sentence("Wrong crontab configuration '{text}': {faults}", text=shown, faults=joined(faults))
        raise InvalidSchedule(told, field="scheduling")
    return expression


def _read(text: str, faults: list[Sentence]) -> Expression | None:
    if len(text) > _LONGEST:
        faults.append(Sentence("it has {count} characters; {most} are the most.", count=len(text), most=_LONGEST))
        return None
    fields = NICKNAMES.get(text.strip().lower(), text).split()
    if len(fields) != len(KINDS):
        faults.append(_not_five(fields))
        return None
    expression = Expression(*(read_field(kind, field, faults) for kind, field in zip(KINDS, fields, strict=True)))
    if not faults and never_comes(expression):
        faults.append(_never(expression))
    return expression


def _not_five(fields: list[str]) -> Sentence:
    count = len(fields)
    if not fields:
        return Sentence("it is empty; write five fields: {names}, such as 0 2 * * *.", names=_FIVE_FIELDS)
    if fields[0].startswith("@"):
        known, near = ", ".join(NICKNAMES), did_you_mean(fields[0].lower(), NICKNAMES)
        return Sentence("{name} is not known; there are {known}.{near}", name=fields[0], known=known, near=near)
    if count > len(KINDS):
        return Sentence(
            "it has {count} fields; there are no seconds and no years, only {names}.", count=count, names=_FIVE_FIELDS
        )
    if count == 1:
        return Sentence("it has 1 field; write five: {names}.", names=_FIVE_FIELDS)
    return Sentence("it has {count} fields; write five: {names}.", count=count, names=_FIVE_FIELDS)


def never_comes(expression: Expression) -> bool:
    """Whether no month that is named has a day of month that is named, and nothing else could match."""
    if expression.has_either_day or not expression.day_of_month.is_restricted or expression.day_of_month.specials:
        return False
    return min(expression.day_of_month.values) > max(LONGEST_MONTH[month] for month in expression.month.values)


def _never(expression: Expression) -> Sentence:
    return Sentence(
        "day-of-month '{day}' never comes in month '{month}'; write L for the last day, or name other months.",
        day=expression.day_of_month.text,
        month=expression.month.text,
    )
