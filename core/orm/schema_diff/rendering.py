"""Statements in the dialect of a database, written by alembic."""

from __future__ import annotations

import io
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import CreateIndexOp, CreateTableOp
from sqlalchemy import Column, Index, Table
from sqlalchemy.engine import Dialect


class Renderer:
    """Writes down what alembic would run, so that what is shown is what is run, to the letter."""

    def __init__(self, dialect: Dialect) -> None:
        self._collected = _Collected()
        options = {"as_sql": True, "literal_binds": True, "output_buffer": self._collected}
        self._operations = Operations(MigrationContext.configure(dialect=dialect, opts=options))
        # Compiled for a driver whose parameters are %s, each % is doubled; these statements have no parameters.
        self._doubles_percents = dialect.paramstyle in ("format", "pyformat")

    def create_table(self, table: Table) -> list[str]:
        """A new table without its indexes."""
        self._operations.invoke(CreateTableOp.from_table(table))
        return self._taken()

    def drop_table(self, table: str) -> list[str]:
        """A table with all that is in it."""
        self._operations.drop_table(table)
        return self._taken()

    def add_column(self, table: str, column: Column[Any]) -> list[str]:
        """A new column."""
        self._operations.add_column(table, column)
        return self._taken()

    def alter_column(self, table: str, column: str, **options: Any) -> list[str]:
        """A column made otherwise; see alembic's `alter_column`."""
        self._operations.alter_column(table, column, **options)
        return self._taken()

    def drop_column(self, table: str, column: str) -> list[str]:
        """A column with its values."""
        self._operations.drop_column(table, column)
        return self._taken()

    def create_index(self, index: Index) -> list[str]:
        """A new index."""
        self._operations.invoke(CreateIndexOp.from_index(index))
        return self._taken()

    def drop_index(self, table: str, index: str) -> list[str]:
        """An index."""
        self._operations.drop_index(index, table_name=table)
        return self._taken()

    def move_and_copy(self, table: Table) -> list[str]:
        """The table made anew with its rows, in place of one that has the same columns; without its indexes."""
        # Without an operation in it, alembic casts nothing: a CAST of a date to DATE is a number on SQLite.
        with self._operations.batch_alter_table(table.name, copy_from=table, recreate="always"):
            pass
        return self._taken()

    def _taken(self) -> list[str]:
        statements = [each.strip().removesuffix(";") for each in self._collected.statements]
        self._collected.statements.clear()
        return [each.replace("%%", "%") if self._doubles_percents else each for each in statements]


class _Collected(io.StringIO):
    """Alembic writes each statement at once."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def write(self, text: str) -> int:
        self.statements.append(text)
        return len(text)
