"""The rows of one table in one database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.engine import Dialect

from core.orm.column_types import Day, Moment
from core.orm.prepared_statement import PreparedStatement

#: A row as the driver gives it.
Row = Sequence[Any]
#: What tells a row from the others: the values of its primary key.
Key = tuple[Any, ...]

_AFTER, _UNTIL, _MOST = "after", "until", "most"


class TableRows:
    """Reads rows in the order of their keys, a few at a time, as the driver gives them.

    A table whose primary key has several columns is small, and read in one go. With `is_careful` what bare SQL may have
    written keeps no other row from being read; the connection is then one of `held`.
    """

    def __init__(self, table: Table, dialect: Dialect, *, is_careful: bool = False) -> None:
        self._table = table
        self._is_careful = is_careful
        self._dialect = dialect
        self._keys = list(table.primary_key)
        self._positions = [list(table.columns).index(column) for column in self._keys]
        self._statements: dict[frozenset[str], PreparedStatement] = {}

    def key(self, row: Row) -> Key:
        """The key of a row."""
        return tuple(row[position] for position in self._positions)

    def page(self, connection: Connection, after: Key | None, most: int) -> list[Row]:
        """The next rows after a key, or the first ones."""
        if len(self._keys) > 1:
            return [] if after else self._fetch(connection, {})
        return self._fetch(connection, {_AFTER: after, _MOST: most})

    def between(self, connection: Connection, after: Key | None, until: Key | None) -> list[Row]:
        """All rows after one key and up to another; None is no bound."""
        if len(self._keys) > 1:
            return [] if after else self._fetch(connection, {})
        return self._fetch(connection, {_AFTER: after, _UNTIL: until})

    def count(self, connection: Connection) -> int:
        """How many rows there are."""
        return int(connection.execute(select(func.count()).select_from(self._table)).scalar_one())

    def is_empty(self, connection: Connection) -> bool:
        """Whether there is no row."""
        return connection.execute(select(self._keys[0]).limit(1)).first() is None

    def without_text_as_key(self, connection: Connection) -> Iterator[str]:
        """What stands in no page: rows of SQLite that have bytes for a key, by the number that SQLite gives them."""
        if self._dialect.name == "sqlite":
            number: ColumnElement[int] = literal_column("rowid")
            found = connection.execute(select(number).select_from(self._table).where(~self._has_text_as_key))
            yield from (f"rowid {row[0]}" for row in found)

    @property
    def _has_text_as_key(self) -> Any:
        return func.typeof(self._keys[0]) == "text"

    def _fetch(self, connection: Connection, bounds: dict[str, Any]) -> list[Row]:
        given = {name: self._bound(value) for name, value in bounds.items() if value is not None}
        names = frozenset(given)
        if names not in self._statements:
            self._statements[names] = PreparedStatement(self._select(names), self._dialect)
        return list(self._statements[names].fetch(connection, **given))

    def _select(self, names: frozenset[str]) -> Select[Any]:
        key = self._keys[0]
        statement = select(*map(self._as_read, self._table.columns)).order_by(*self._keys)
        if self._dialect.name == "sqlite":
            statement = statement.where(self._has_text_as_key)
        if _AFTER in names:
            statement = statement.where(key > self._parameter(_AFTER))
        if _UNTIL in names:
            statement = statement.where(key <= self._parameter(_UNTIL))
        return statement.limit(bindparam(_MOST)) if _MOST in names else statement

    def _as_read(self, column: Column[Any]) -> ColumnElement[Any]:
        # The driver refuses whole pages because of moments that Python has not: infinity, or one before the year 1.
        if self._is_careful and self._dialect.name == "postgresql" and isinstance(column.type, Moment | Day):
            return cast(column, Text())
        return column

    def _parameter(self, name: str) -> Any:
        # A key of SQLite may be no UTF-8, which its driver takes as bytes only.
        if self._dialect.name == "sqlite":
            return cast(bindparam(name, type_=LargeBinary()), Text())
        return bindparam(name, type_=self._keys[0].type)

    def _bound(self, value: Key | int) -> Any:
        if isinstance(value, int):
            return value
        key = str(value[0])
        return key.encode("utf-8", "surrogateescape") if self._dialect.name == "sqlite" else key
