"""What a table looks like to its database, in the database's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column; `special` is what makes its values by itself, such as an identity or a generating expression."""

    type: str
    is_nullable: bool
    default: str | None
    collation: str | None = None
    special: str = ""

    @property
    def needs_value(self) -> bool:
        """Whether a row cannot be inserted without naming the column."""
        return not self.is_nullable and self.default is None and not self.special


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table: columns and indexes by name; of an index its whole definition. The primary key is not among them.

    `collation` is what columns get that name none, where a table has such a thing. `more` are statements that make what
    else belongs to it, and goes with it. `unknown` names what in it cannot be made again by statements of ours.
    """

    columns: Mapping[str, ColumnShape]
    indexes: Mapping[str, str]
    collation: str = ""
    more: tuple[str, ...] = ()
    unknown: str | None = None
