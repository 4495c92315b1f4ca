"""A column as it can be added to a table that has rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column
from sqlalchemy.sql.functions import FunctionElement

#: Under this name a column's `info` has the default of its field, which the column itself cannot always have.
DEFAULT = "default"


def added_column(column: Column[Any]) -> Column[Any]:
    """The column, but that it takes what the rows have that are there: its default, or nothing.

    A default that is computed (the present moment) would be none of theirs, and SQLite refuses it.
    """
    default = None if _is_computed(column) else column.server_default
    is_nullable = bool(column.nullable) or default is None
    return Column(column.name, column.type, nullable=is_nullable, server_default=default)


def _is_computed(column: Column[Any]) -> bool:
    return isinstance(getattr(column.server_default, "arg", None), FunctionElement)
