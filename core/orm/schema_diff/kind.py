"""What kind of values a column holds: the same few on every database."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Boolean, Float, Integer, Numeric, String
from sqlalchemy.types import TypeEngine

from core.orm.column_types import Day, Moment

TEXT, INT, FLOAT, BOOL, DAY, MOMENT, OTHER = "text", "int", "float", "bool", "day", "moment", "other"

_OF_COLUMNS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Moment, MOMENT),
    (Day, DAY),
    (Boolean, BOOL),
    (Integer, INT),
    (Float, FLOAT),
    (Numeric, FLOAT),
    (String, TEXT),
)
# The first that fits counts: MariaDB's boolean is tinyint(1), and a moment is text on SQLite.
_OF_NAMES = (
    (re.compile(r".*\[\]"), OTHER),
    (re.compile(r"bool|tinyint\(1\)"), BOOL),
    (re.compile(r"(?:var)?char|(?:tiny|medium|long)?text\b|clob|jsonb?\b"), TEXT),
    (re.compile(r"(?:tiny|small|medium|big)?int(?!erval)"), INT),
    (re.compile(r"double|float|real|numeric|decimal"), FLOAT),
    (re.compile(r"timestamp|datetime"), MOMENT),
    (re.compile(r"date\b"), DAY),
)


def kind_of_column(column_type: TypeEngine[Any]) -> str:
    """The kind of a column as it is defined."""
    return next((kind for cls, kind in _OF_COLUMNS if isinstance(column_type, cls)), OTHER)


def kind_of_name(type_name: str) -> str:
    """The kind of a column by the database's name for its type."""
    return next((kind for pattern, kind in _OF_NAMES if pattern.match(type_name.lower())), OTHER)


def length_of_name(type_name: str) -> int | None:
    """How many characters a column holds at most by the name of its type; None where that says nothing."""
    found = re.search(r"char\w*(?: varying)?\((\d+)\)", type_name.lower())
    return int(found[1]) if found else None


_WHOLE = "-?(0|[1-9][0-9]{0,9})"
_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?"
#: From one kind of values to another, how the text of those looks that come through whole on every database; None where
#: all do. Of kinds that are not here nothing does.
COMES_THROUGH: dict[tuple[str, str], str | None] = {
    **{(kind, TEXT): None for kind in (TEXT, INT, FLOAT, BOOL, DAY, MOMENT)},
    **{(kind, kind): None for kind in (FLOAT, BOOL, DAY, MOMENT)},
    (TEXT, INT): _WHOLE,
    (TEXT, FLOAT): "-?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})?",
    (TEXT, BOOL): "[01]",
    (TEXT, DAY): f"{_DATE}( 00:00:00([.]0+)?)?",
    (TEXT, MOMENT): f"{_DATE}( {_TIME})?",
    (INT, INT): _WHOLE,
    (INT, BOOL): "[01]",
    (INT, FLOAT): None,
    (FLOAT, INT): f"{_WHOLE}([.]0*)?",
    (BOOL, INT): None,
    (BOOL, FLOAT): None,
    (DAY, MOMENT): None,
    (MOMENT, DAY): f"{_DATE} 00:00:00([.]0+)?",
}
