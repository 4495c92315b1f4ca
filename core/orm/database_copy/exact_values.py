"""From a driver's values to values that are the same for the same content on every database."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, String, Table

from core.orm.column_types import Day, Moment, to_moment
from core.orm.entity_type import short

Reader = Callable[[Any], Any]


class ExactValues:
    """Reads the rows of a table as any driver gives them, without losing or guessing anything.

    SQLite holds whatever bare SQL wrote into it, servers do not: what does not fit its column is refused.
    """

    def __init__(self, table: Table) -> None:
        self._columns = list(table.columns)
        self._readers = [_reader(column) for column in self._columns]
        self._required = [position for position, column in enumerate(self._columns) if not column.nullable]

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """The values of a row; raises ValueError where one does not fit."""
        for position in self._required:
            if row[position] is None:
                raise ValueError
        return tuple([None if value is None else read(value) for read, value in zip(self._readers, row, strict=True)])

    def faults(self, row: Sequence[Any]) -> Iterator[tuple[str, str]]:
        """Each column whose value does not fit, and why."""
        for column, read, value in zip(self._columns, self._readers, row, strict=True):
            try:
                if value is not None:
                    read(value)
                elif not column.nullable:
                    raise ValueError("has no value (NULL), and needs one")
            except ValueError as error:
                yield column.name, str(error)


def _reader(column: Column[Any]) -> Reader:
    kind = column.type
    if isinstance(kind, Moment):
        return _moment
    if isinstance(kind, Day):
        return _day
    if isinstance(kind, Boolean):
        return _bool
    if isinstance(kind, Integer):
        return _whole_number(63 if isinstance(kind, BigInteger) else 31)
    if isinstance(kind, Float):
        return _number
    if isinstance(kind, String):
        return _text(kind.length)
    raise NotImplementedError(f"{column.table.name}.{column.name} is of a type that cannot be copied: {kind!r}")


def _text(length: int | None) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"holds {short(value)}, which is no text")
        if length is not None and len(value) > length:
            raise ValueError(f"holds {len(value)} characters, and has room for {length}")
        if "\0" in value:
            raise ValueError("holds a NUL character")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:  # bytes that were no UTF-8: see `HeldSource`
                raise ValueError("holds bytes that are no UTF-8") from error
        return value

    return read


def _whole_number(bits: int) -> Reader:
    end = 2**bits

    def read(value: Any) -> int:
        if type(value) is not int:
            raise ValueError(f"holds {short(value)}, which is no whole number")
        if not -end <= value < end:
            raise ValueError(f"holds {value}, and has room for -{end} to {end - 1}")
        return value

    return read


def _number(value: Any) -> float:
    if type(value) not in (float, int) or not math.isfinite(value):
        raise ValueError(f"holds {short(value)}, which is no finite number")
    return float(value)


def _bool(value: Any) -> bool:
    if not isinstance(value, int) or value not in (0, 1):
        raise ValueError(f"holds {short(value)}, which is neither true nor false")
    return bool(value)


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"holds {short(value)}, which is no date") from error


def _moment(value: Any) -> datetime:
    try:
        return to_moment(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"holds {short(value)}, which is no moment") from error
