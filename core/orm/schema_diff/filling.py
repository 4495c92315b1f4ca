"""Giving rows that have no value the default, before the column refuses such rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, String, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from core.orm.added_column import DEFAULT
from core.orm.schema_diff.difference import Difference


def fill(dialect: Dialect, difference: Difference, name: str) -> Iterator[str]:
    """The statement that fills a column, where it becomes NOT NULL and its field has a default."""
    value = value_for_rows(dialect, difference.table.c[name])
    if not difference.loses_null(name) or value is None:
        return
    quote = dialect.identifier_preparer.quote
    yield f"UPDATE {quote(difference.name)} SET {quote(name)} = {value} WHERE {quote(name)} IS NULL"


def value_for_rows(dialect: Dialect, column: Column[Any]) -> str | None:
    """What rows without a value are given, as it stands in a statement; None where there is nothing to give.

    It is the column's default. Texts of any length have none on some databases; then it is the field's.
    """
    value = dialect.ddl_compiler(dialect, CreateTable(column.table)).get_column_default_string(column)
    if value is None and isinstance(column.info.get(DEFAULT), str):
        given = literal(column.info[DEFAULT], String()).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        value = str(given)
    return value.replace("%%", "%") if value and dialect.paramstyle in ("format", "pyformat") else value


def default_of(column: Column[Any]) -> Any:
    """The default of a column as alembic takes it."""
    return getattr(column.server_default, "arg", None)
