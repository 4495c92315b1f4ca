"""What the five fields of an expression may hold, and what was read from one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.sentence import Sentence

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class FieldKind:
    """One of the five fields: its numbers from `first` to `last`, and the names that stand for numbers."""

    name: Sentence
    first: int
    last: int
    names: tuple[str, ...] = ()

    @property
    def is_day(self) -> bool:
        return self in (DAY_OF_MONTH, DAY_OF_WEEK)

    @property
    def highest(self) -> int:
        """The highest number that may be written: Sunday is 0 and 7."""
        return 7 if self is DAY_OF_WEEK else self.last

    def number_of(self, name: str) -> int | None:
        """What a name in capitals stands for."""
        return self.names.index(name) + self.first if name in self.names else None


MINUTE = FieldKind(Sentence("minute"), 0, 59)
HOUR = FieldKind(Sentence("hour"), 0, 23)
DAY_OF_MONTH = FieldKind(Sentence("day-of-month"), 1, 31)
MONTH = FieldKind(Sentence("month"), 1, 12, _MONTHS)
DAY_OF_WEEK = FieldKind(Sentence("day-of-week"), 0, 6, _WEEKDAYS)

#: In the order in which they are written.
KINDS = (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)


@dataclass(frozen=True)
class Numbers:
    """A plain item of a field: the numbers that it stands for, in order, and how it was written."""

    values: tuple[int, ...]
    step: int = 1
    #: `*`, `?` or `*/n`.
    is_star: bool = False

    @property
    def is_all(self) -> bool:
        return self.is_star and self.step == 1


@dataclass(frozen=True)
class Special:
    """A day that depends on the month.

    `last`: L · `last working`: LW · `nearest working`: 15W (number 15) · `nth`: 1#2 (number 1, nth 2) · `last weekday`:
    5L (number 5). Weekdays count from Sunday, 0.
    """

    kind: Literal["last", "last working", "nearest working", "nth", "last weekday"]
    number: int = 0
    nth: int = 0


@dataclass(frozen=True)
class Field:
    """What one field says; `text` as it was written."""

    kind: FieldKind
    text: str
    numbers: tuple[Numbers, ...]
    specials: tuple[Special, ...] = ()

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The numbers of all plain items, in order, each once."""
        return tuple(sorted({value for item in self.numbers for value in item.values}))

    @property
    def is_restricted(self) -> bool:
        """Whether none of its items is a star; `1-31` is restricted though it leaves nothing out."""
        return not any(item.is_all for item in self.numbers)

    @property
    def is_full(self) -> bool:
        """Whether the plain items leave nothing out."""
        return len(self.values) == self.kind.last - self.kind.first + 1
