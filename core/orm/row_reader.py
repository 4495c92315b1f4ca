"""Rows of one table, read at the driver's speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.engine import Dialect

Row = dict[str, Any]
_Processor = Callable[[Any], Any]


class RowReader:
    """Reads the same columns again and again; `select` is the statement that conditions are added to.

    SQLAlchemy makes an object of each row; what is needed here is a dict, and that takes half the time.
    """

    def __init__(self, table: Table, columns: Sequence[str], dialect: Dialect) -> None:
        self._columns = tuple(columns)
        self._dialect = dialect
        self.select: Select[Any] = select(*(table.c[each] for each in columns))
        self._processors = [
            (name, process) for name in columns if (process := _processor(table.c[name], dialect)) is not None
        ]

    def rows(self, connection: Connection, statement: Select[Any]) -> list[Row]:
        """The rows of a statement that selects these columns: column -> value."""
        return self._processed([dict(zip(self._columns, row, strict=True)) for row in _fetch(connection, statement)])

    def rows_and_more(self, connection: Connection, statement: Select[Any]) -> tuple[list[Row], list[tuple[Any, ...]]]:
        """The same, and the values of the columns that the statement selects behind them."""
        width = len(self._columns)
        found = _fetch(connection, statement)
        rows = self._processed([dict(zip(self._columns, row, strict=False)) for row in found])
        more = list(statement.selected_columns)[width:]
        processors = [_processor(column, self._dialect) for column in more]
        return rows, [
            tuple(
                value if process is None or value is None else process(value)
                for value, process in zip(row[width:], processors, strict=True)
            )
            for row in found
        ]

    def _processed(self, rows: list[Row]) -> list[Row]:
        for name, process in self._processors:
            for row in rows:
                value = row[name]
                if value is not None:
                    row[name] = process(value)
        return rows


def _fetch(connection: Connection, statement: Select[Any]) -> Sequence[Any]:
    result = connection.execute(statement)
    try:
        rows: Sequence[Any] = result.cursor.fetchall()
    finally:
        result.close()
    return rows


def _processor(column: Any, dialect: Dialect) -> _Processor | None:
    found: _Processor | None = column.type.dialect_impl(dialect).result_processor(dialect, None)
    return found
