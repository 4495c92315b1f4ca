"""Pieces of SQL that every database writes in its own way, with the same result."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Float, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.orm.column_types import Day
from core.orm.letter_case import pairs


class Portable(FunctionElement[Any]):
    """Filled in from a template for each dialect; `{0}` is the argument. A double `%` for drivers that want it so."""

    inherit_cache = True
    sqlite: ClassVar[str]
    #: Or what makes it, where that takes long and most processes never need it.
    postgresql: ClassVar[str | Callable[[], str]]
    mariadb: ClassVar[str]


@compiles(Portable)
def _compile(element: Portable, compiler: SQLCompiler, **options: Any) -> str:
    found: str | Callable[[], str] = getattr(type(element), compiler.dialect.name)
    template = found if isinstance(found, str) else found()
    return template.format(*(compiler.process(each, **options) for each in element.clauses))


def _part(in_text: str, name: str) -> dict[str, Any]:
    """A part of a date that stands at the same place in SQLite's text."""
    return {
        "type": Integer(),
        "sqlite": f"CAST({in_text} AS INTEGER)",
        "postgresql": f"CAST(EXTRACT({name} FROM {{0}}) AS INTEGER)",
        "mariadb": f"{name}({{0}})",
    }


def _piece(name: str, **templates: Any) -> type[Portable]:
    return type(name, (Portable,), {"inherit_cache": True, **templates})


@cache
def _case(function: str, probe: str, expected: str, *, to_lower: bool) -> str:
    """PostgreSQL knows the letters of the database's locale, which may be none, or Turkish: the planner tries it out.

    `translate` has the same result, and takes a hundred times as long.
    """
    known, wanted = pairs(to_lower=to_lower)
    own = f'{function}({{0}} COLLATE "default")'
    translated = f"translate({{0}}, '{known}', '{wanted}')"
    tried = f"{function}('{probe}' COLLATE \"default\") = '{expected}'"
    return f'(CASE WHEN {tried} THEN {own} ELSE {translated} END COLLATE "C")'


Year = _piece("Year", **_part("substr({0}, 1, 4)", "year"))
Month = _piece("Month", **_part("substr({0}, 6, 2)", "month"))
DayOfMonth = _piece("DayOfMonth", **_part("substr({0}, 9, 2)", "day"))
Hour = _piece("Hour", **_part("substr({0}, 12, 2)", "hour"))
Minute = _piece("Minute", **_part("substr({0}, 15, 2)", "minute"))
Quarter = _piece(
    "Quarter",
    **{**_part("", "quarter"), "sqlite": "((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)"},
)
# ISO 8601: a week belongs to the year of its Thursday; Monday is the first day.
Week = _piece(
    "Week",
    type=Integer(),
    sqlite="((strftime('%j', date(substr({0}, 1, 10), '-3 days', 'weekday 4')) - 1) / 7 + 1)",
    postgresql="CAST(EXTRACT(week FROM {0}) AS INTEGER)",
    mariadb="WEEK({0}, 3)",
)
DayOfWeek = _piece(
    "DayOfWeek",
    type=Integer(),
    sqlite="((strftime('%w', substr({0}, 1, 10)) + 6) % 7 + 1)",
    postgresql="CAST(EXTRACT(isodow FROM {0}) AS INTEGER)",
    mariadb="(WEEKDAY({0}) + 1)",
)
Date = _piece("Date", type=Day(), sqlite="substr({0}, 1, 10)", postgresql="CAST({0} AS DATE)", mariadb="DATE({0})")
Lower = _piece(
    "Lower",
    type=Text(),
    sqlite="lower({0})",
    postgresql=partial(_case, "lower", "A\u03a3\u00c4\u042fI\u0130", "a\u03c3\u00e4\u044fii", to_lower=True),
    mariadb="LOWER(REPLACE({0}, '\u1e9e', '\u00df'))",  # this one it does not know
)
Upper = _piece(
    "Upper",
    type=Text(),
    sqlite="upper({0})",
    postgresql=partial(_case, "upper", "\u00df\u00e4\u044fi", "\u00df\u00c4\u042fI", to_lower=False),
    mariadb="UPPER({0})",
)
Trim = _piece("Trim", type=Text(), sqlite="trim({0})", postgresql="btrim({0})", mariadb="TRIM({0})")
Length = _piece(
    "Length", type=Integer(), sqlite="length({0})", postgresql="char_length({0})", mariadb="CHAR_LENGTH({0})"
)
#: Halves go away from zero; from 2 to the power of 52 on every number is a whole one.
_ROUND = "(CASE WHEN abs({{0}}) >= 4503599627370496 THEN {{0}} ELSE {function} END)"
_HALF = "{0} + CASE WHEN {0} < 0 THEN -0.5 ELSE 0.5 END"
Round = _piece(
    "Round",
    type=Float(53),
    sqlite="round({0})",
    postgresql=_ROUND.format(function=f"trunc({_HALF})"),
    mariadb=_ROUND.format(function=f"TRUNCATE({_HALF}, 0)"),
)
#: Before an average is taken: MariaDB's of whole numbers has four decimals only.
Double = _piece(
    "Double",
    type=Float(53),
    sqlite="CAST({0} AS REAL)",
    postgresql="CAST({0} AS DOUBLE PRECISION)",
    mariadb="({0} + 0e0)",
)


class NotIndexed(Portable):
    """The value itself, for which SQLite looks for no index; servers judge by what they know of the rows."""

    inherit_cache = True
    sqlite, postgresql, mariadb = "+{0}", "{0}", "{0}"

    def __init__(self, expression: ColumnElement[Any]) -> None:
        super().__init__(expression)
        self.type = expression.type


NullsFirst = _piece("NullsFirst", sqlite="{0} ASC", postgresql="{0} ASC NULLS FIRST", mariadb="{0} ASC")
NullsLast = _piece("NullsLast", sqlite="{0} DESC", postgresql="{0} DESC NULLS LAST", mariadb="{0} DESC")
