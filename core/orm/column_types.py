"""Column types that SQLAlchemy does not have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Date, DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from core import clock

_TEXT_LENGTH = len("2026-11-23 10:20:30.123456")


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC with microseconds; takes the texts of AtroCore, ISO 8601 and the database as well.

    On SQLite text of fixed width (`2026-11-23 10:20:30.123456`), so that it sorts as time does. What bare SQL wrote and
    is no moment is read as it is: it must not keep the other rows from being read.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(_TEXT_LENGTH))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        # The wrapping that process_bind_param brings costs more than the work, for each moment of each row.
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> Any:
        return None if value is None else to_moment(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _or_as_it_is(to_moment, value)


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


def to_moment(value: datetime | str) -> datetime:
    """An aware datetime in UTC from what a driver gives; without a zone it is UTC. ValueError for what is none."""
    if isinstance(value, str):
        return clock.from_text(value)
    if not isinstance(value, datetime):
        raise ValueError("is not a moment")
    if value.tzinfo is UTC:
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
