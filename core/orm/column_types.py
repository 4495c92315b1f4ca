"""Column types that SQLAlchemy does not have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from core import clock

_TEXT_LENGTH = len("2026-11-23 10:20:30.123456")


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC with microseconds; takes the texts of AtroCore, ISO 8601 and the database as well.

    On SQLite text of fixed width (`2026-11-23 10:20:30.123456`), so that it sorts as time does.
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

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else to_moment(value)


class MomentAsRead(Moment):
    """A moment as the driver gave it, to the letter: for a guard that compares with what was read."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return None


@lru_cache(maxsize=16)  # the rows of one save have their moments in common
def _to_text(value: datetime | str | None) -> str | None:
    return None if value is None else to_moment(value).isoformat(" ", "microseconds")[:_TEXT_LENGTH]


def to_moment(value: datetime | str) -> datetime:
    """An aware datetime in UTC from what a driver gives; without a zone it is UTC."""
    if isinstance(value, str):
        return clock.from_text(value)
    if value.tzinfo is UTC:
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
