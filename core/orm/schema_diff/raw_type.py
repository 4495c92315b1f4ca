"""The type of a column that nobody defines any more, in the database's own words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, text
from sqlalchemy.types import UserDefinedType

from core.orm.schema_diff.shape import ColumnShape


class RawType(UserDefinedType[Any]):
    """Stands in a statement as the database said it."""

    cache_ok = True

    def __init__(self, words: str) -> None:
        self.words = words

    def get_col_spec(self, **_: Any) -> str:
        """The words."""
        return self.words


def raw_type(shape: ColumnShape) -> RawType:
    """A column's type with its collation."""
    return RawType(f"{shape.type} COLLATE {shape.collation}" if shape.collation else shape.type)


def raw_column(name: str, shape: ColumnShape) -> Column[Any]:
    """A column as it is, but that rows may be inserted without it."""
    default = None if shape.default is None else text(shape.default)
    return Column(name, raw_type(shape), nullable=shape.is_nullable or shape.needs_value, server_default=default)
