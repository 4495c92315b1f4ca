"""Column types that SQLAlchemy does not have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Date, DateTime, String, Text
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from core import clock

_TEXT_LENGTH = len("2026-11-23 10:20:30.123456")

#: What every table is made with: MariaDB then compares texts as SQLite does, capitals and blanks at the end included.
TABLE_OPTIONS: dict[str, Any] = {
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
}


def everywhere_alike(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    """A text type that sorts and compares alike on all databases, and holds long texts; other types as they are."""
    if isinstance(column_type, Text):
        return column_type.with_variant(Text(collation="C"), "postgresql").with_variant(LONGTEXT(), "mariadb")
    if isinstance(column_type, String):
        return column_type.with_variant(String(column_type.length, collation="C"), "postgresql")
    return column_type


class PresentMoment(FunctionElement[datetime]):
    """The default of a column: the moment at which a row is inserted, whatever the session's time zone."""

    type = DateTime(timezone=True)
    inherit_cache = True


@compiles(PresentMoment)
def _present_moment(_element: PresentMoment, _compiler: SQLCompiler, **_: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(PresentMoment, "mariadb")
def _present_moment_of_mariadb(_element: PresentMoment, _compiler: SQLCompiler, **_: Any) -> str:
    return "(UTC_TIMESTAMP(6))"


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC with microseconds; takes the texts of AtroCore, ISO 8601 and the database as well.

    On SQLite text of fixed width (`2026-11-23 10:20:30.123456`), so that it sorts as time does; on MariaDB without its
    zone. What bare SQL wrote and is no moment is read as it is: it must not keep the other rows from being read.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(_TEXT_LENGTH))
        if dialect.name == "mariadb":
            return dialect.type_descriptor(DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        # The wrapping that process_bind_param brings costs more than the work, for each moment of each row. MariaDB's
        # driver would write the same text itself, but anew for each row.
        return _to_moment if dialect.name == "postgresql" else _to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _from_driver

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> Any:
        return _to_moment(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return _from_driver(value)


class MomentAsRead(Moment):
    """A moment as the driver gave it, to the letter: for a guard that compares with what was read."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return None


class Day(TypeDecorator[date]):
    """A date; what bare SQL wrote and is none is read as it is."""

    impl = Date
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        read = super().result_processor(dialect, coltype)
        return read and partial(_or_as_it_is, read)


def _or_as_it_is(read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except (TypeError, ValueError, OverflowError):
        return value


@lru_cache(maxsize=16)  # the rows of one save have their moments in common
def _to_text(value: datetime | str | None) -> str | None:
    return None if value is None else to_moment(value).isoformat(" ", "microseconds")[:_TEXT_LENGTH]


def _to_moment(value: datetime | str | None) -> datetime | None:
    return None if value is None else to_moment(value)


def _from_driver(value: Any) -> Any:
    # First the forms that we have written ourselves, at a quarter of the price: lists of entities are full of moments.
    if type(value) is str and len(value) == _TEXT_LENGTH:
        try:
            return datetime.fromisoformat(value + "+00:00")
        except ValueError:
            pass  # another form of the same length
    elif type(value) is datetime and value.tzinfo is None:
        return datetime.combine(value, value.time(), UTC)
    return None if value is None else _or_as_it_is(to_moment, value)


def to_moment(value: datetime | str) -> datetime:
    """An aware datetime in UTC from what a driver gives; without a zone it is UTC. ValueError for what is none."""
    if isinstance(value, str):
        return clock.from_text(value)
    if not isinstance(value, datetime):
        raise ValueError("is not a moment")
    if value.tzinfo is UTC:
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment_or_none(value: object) -> datetime | None:
    """As `to_moment`; None for nothing, and for what bare SQL wrote and is no moment."""
    try:
        return to_moment(value) if isinstance(value, datetime | str) else None
    except ValueError:
        return None
