"""Giving rows that have no value the default, before the column refuses such rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from core.orm.schema_diff.difference import Difference


def fill(dialect: Dialect, difference: Difference, name: str) -> Iterator[str]:
    """The statement that fills a column, where it becomes NOT NULL and has a default."""
    column = difference.table.c[name]
    default = default_sql(dialect, column)
    if not difference.loses_null(name) or default is None:
        return
    quote = dialect.identifier_preparer.quote
    yield f"UPDATE {quote(difference.name)} SET {quote(name)} = {default} WHERE {quote(name)} IS NULL"


def default_sql(dialect: Dialect, column: Column[Any]) -> str | None:
    """The default of a column as it stands in a statement."""
    default = dialect.ddl_compiler(dialect, CreateTable(column.table)).get_column_default_string(column)
    return default.replace("%%", "%") if default and dialect.paramstyle in ("format", "pyformat") else default


def default_of(column: Column[Any]) -> Any:
    """The default of a column as alembic takes it."""
    return getattr(column.server_default, "arg", None)
