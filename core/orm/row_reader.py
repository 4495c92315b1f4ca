"""Rows of one table, read at the driver's speed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.engine import Dialect

Row = dict[str, Any]
_Processor = Callable[[Any], Any] | None


class RowReader:
    """Reads the same columns again and again; `select` is the statement that conditions are added to.

    SQLAlchemy makes an object of each row; what is needed here is a dict, and that takes half the time.
    """

    def __init__(self, table: Table, columns: Sequence[str], dialect: Dialect) -> None:
        self._columns = tuple(columns)
        self._dialect = dialect
        self._processors: list[tuple[str, Callable[[Any], Any]]] | None = None
        self.select: Select[Any] = select(*(table.c[each] for each in columns))

    def rows(self, connection: Connection, statement: Select[Any], values: Mapping[str, Any]) -> list[Row]:
        """The rows (column -> value) of a statement that selects these columns, with the values of its parameters."""
        found, driver_types = _fetch(connection, statement, values)
        return self._as_rows(found, driver_types)

    def rows_and_more(
        self, connection: Connection, statement: Select[Any], values: Mapping[str, Any]
    ) -> tuple[list[Row], list[tuple[Any, ...]]]:
        """The same, and the values of the columns that the statement selects behind them."""
        width = len(self._columns)
        found, driver_types = _fetch(connection, statement, values)
        processors = _processors(self._dialect, list(statement.selected_columns)[width:], driver_types[width:])
        more = [
            tuple(
                value if process is None or value is None else process(value)
                for value, process in zip(row[width:], processors, strict=True)
            )
            for row in found
        ]
        return self._as_rows(found, driver_types), more

    def _as_rows(self, found: Sequence[Any], driver_types: Sequence[Any]) -> list[Row]:
        if self._processors is None:
            processors = _processors(self._dialect, list(self.select.selected_columns), driver_types)
            named = zip(self._columns, processors, strict=True)
            self._processors = [(name, process) for name, process in named if process is not None]
        columns = self._columns
        rows = [dict(zip(columns, row, strict=False)) for row in found]
        for name, process in self._processors:
            for row in rows:
                value = row[name]
                if value is not None:
                    row[name] = process(value)
        return rows


def _fetch(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """The rows as the driver gives them, and its types of the columns."""
    result = connection.execute(statement, values)
    try:
        cursor: Any = result.cursor
        return cursor.fetchall(), [each[1] for each in cursor.description]
    finally:
        result.close()


def _processors(dialect: Dialect, columns: Sequence[Any], driver_types: Sequence[Any]) -> list[_Processor]:
    """What makes the columns' values of the driver's; there may be more driver's types than columns."""
    return [
        column.type.dialect_impl(dialect).result_processor(dialect, driver_type)
        for column, driver_type in zip(columns, driver_types, strict=False)
    ]
