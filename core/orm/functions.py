"""The functions of the `where` language: `YEAR:createdAt`, `SUM:amount`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func

from core.orm import portable_sql as sql
from core.orm.field_types import FIELD_TYPES, FieldType


class Family(StrEnum):
    """Kinds of values that can be compared with each other."""

    TEXT = "a text"
    NUMBER = "a number"
    TRUTH = "true or false"
    DAY = "a date"
    MOMENT = "a moment"
    JSON = "JSON"


def family_of(field_type: FieldType) -> Family:
    """The family of the values that a field's column holds."""
    return Family.JSON if field_type.is_mutable else _FAMILIES[_kind(field_type)]


def _kind(field_type: FieldType) -> str:
    return field_type.kinds[0].__name__


_FAMILIES = {
    "str": Family.TEXT,
    "bool": Family.TRUTH,
    "int": Family.NUMBER,
    "float": Family.NUMBER,
    "date": Family.DAY,
    "datetime": Family.MOMENT,
}


def _to_whole(value: Any) -> int:
    """A whole number of 64 bits, as sums may be."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError("is not a whole number of 64 bits")
    return value


_TEXT, _INT, _FLOAT, _DATE = (FIELD_TYPES[name] for name in ("text", "int", "float", "date"))
#: What counting and summing up gives.
BIG_INT = FieldType(_to_whole, lambda _: BigInteger(), (int,))


@dataclass(frozen=True, slots=True)
class Function:
    """What a function takes, what it gives (None: the same), and how it is written in SQL."""

    takes: tuple[Family, ...]
    gives: FieldType | None
    build: Callable[[ColumnElement[Any]], ColumnElement[Any]]

    def result(self, argument: FieldType) -> FieldType:
        """The type of what it gives for an argument of this type."""
        return self.gives or argument


_ON_A_CALENDAR = (Family.DAY, Family.MOMENT)
_SORTED = (Family.TEXT, Family.NUMBER, *_ON_A_CALENDAR)

#: From one value to another; moments are taken in UTC.
FUNCTIONS: Mapping[str, Function] = {
    "YEAR": Function(_ON_A_CALENDAR, _INT, sql.Year),
    "QUARTER": Function(_ON_A_CALENDAR, _INT, sql.Quarter),
    "MONTH": Function(_ON_A_CALENDAR, _INT, sql.Month),
    "WEEK": Function(_ON_A_CALENDAR, _INT, sql.Week),
    "DAY": Function(_ON_A_CALENDAR, _INT, sql.DayOfMonth),
    "DAYOFWEEK": Function(_ON_A_CALENDAR, _INT, sql.DayOfWeek),
    "DATE": Function((Family.MOMENT,), _DATE, sql.Date),
    "HOUR": Function((Family.MOMENT,), _INT, sql.Hour),
    "MINUTE": Function((Family.MOMENT,), _INT, sql.Minute),
    "LOWER": Function((Family.TEXT,), _TEXT, sql.Lower),
    "UPPER": Function((Family.TEXT,), _TEXT, sql.Upper),
    "TRIM": Function((Family.TEXT,), _TEXT, sql.Trim),
    "LENGTH": Function((Family.TEXT,), _INT, sql.Length),
    "ABS": Function((Family.NUMBER,), None, lambda of: func.abs(of, type_=of.type)),
    "ROUND": Function((Family.NUMBER,), _FLOAT, lambda of: sql.Round(sql.Double(of))),
}
