"""How a table in the database differs from the one that the metadata define."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Index, Table

from core.orm.added_column import added_column
from core.orm.names import is_our_index
from core.orm.schema_diff.shape import ColumnShape, TableShape

_UNIQUE = re.compile(r"(CREATE )?UNIQUE\b")


@dataclass(frozen=True)
class Difference:
    """`found` is the table in the database, None where there is none; `wanted` what it would be if it were made now."""

    table: Table
    found: TableShape | None
    wanted: TableShape

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def is_new(self) -> bool:
        """Whether the table is missing."""
        return self.found is None

    @property
    def is_any(self) -> bool:
        """Whether there is any difference."""
        return self.is_new or self.there != self.wanted

    @cached_property
    def there(self) -> TableShape:
        """What is there; an empty table where there is none."""
        return self.found or TableShape({}, {})

    @property
    def has_other_collation(self) -> bool:
        """Whether columns that name no collation get another one than they are to have."""
        return not self.is_new and self.there.collation != self.wanted.collation

    @cached_property
    def new_columns(self) -> list[str]:
        """Columns that are missing."""
        return [name for name in self.wanted.columns if name not in self.there.columns]

    @cached_property
    def changed_columns(self) -> list[str]:
        """Columns that are there, but otherwise."""
        both = [name for name in self.wanted.columns if name in self.there.columns]
        return [name for name in both if self.wanted.columns[name] != self.there.columns[name]]

    @cached_property
    def altered_columns(self) -> list[str]:
        """Those, and new ones that cannot be added as they are defined: rows that are there have no value for them."""
        added = [name for name in self.new_columns if self.before(name) != self.wanted.columns[name]]
        return [] if self.is_new else [*added, *self.changed_columns]

    def before(self, name: str) -> ColumnShape:
        """What is altered: the column as it is, or as it can be added."""
        if name in self.there.columns:
            return self.there.columns[name]
        added, wanted = added_column(self.table.c[name]), self.wanted.columns[name]
        default = None if added.server_default is None else wanted.default
        return replace(wanted, is_nullable=bool(added.nullable), default=default)

    def loses_null(self, name: str) -> bool:
        """Whether rows may be there that have no value, and are to have one."""
        return self.before(name).is_nullable and not self.wanted.columns[name].is_nullable

    @cached_property
    def left_columns(self) -> list[str]:
        """Columns that nobody defines."""
        return [] if self.is_new else [name for name in self.there.columns if name not in self.wanted.columns]

    @cached_property
    def obstructive_columns(self) -> list[str]:
        """Those of them that no new row could be inserted for."""
        return [name for name in self.left_columns if self.there.columns[name].needs_value]

    @cached_property
    def new_indexes(self) -> list[str]:
        """Indexes that are missing."""
        return sorted(self.wanted.indexes.keys() - self.there.indexes.keys())

    @cached_property
    def changed_indexes(self) -> list[str]:
        """Indexes that are there, but otherwise."""
        both = self.wanted.indexes.keys() & self.there.indexes.keys()
        return sorted(name for name in both if self.wanted.indexes[name] != self.there.indexes[name])

    @cached_property
    def left_indexes(self) -> list[str]:
        """Indexes of ours that nobody defines any more, and that only take room."""
        return [name for name in self._left_indexes if not _UNIQUE.match(self.there.indexes[name])]

    @cached_property
    def obstructive_indexes(self) -> list[str]:
        """Those that refuse rows which nobody forbids any more."""
        return [name for name in self._left_indexes if _UNIQUE.match(self.there.indexes[name])]

    @property
    def _left_indexes(self) -> list[str]:
        # Those of others are let alone.
        return sorted(name for name in self.there.indexes.keys() - self.wanted.indexes.keys() if is_our_index(name))

    def index(self, name: str) -> Index:
        """An index as it is defined."""
        return next(index for index in self.table.indexes if index.name == name)

    def additions(self) -> Iterator[str]:
        """In a few words each, what is missing and can be added."""
        if self.is_new:
            yield self.name
            return
        yield from (f"{self.name}.{name}" for name in self.new_columns if name not in self.altered_columns)
        yield from (f"index {name} of {self.name}" for name in self.new_indexes)

    def changes(self) -> Iterator[str]:
        """In a few words each, what has to be made otherwise."""
        if self.is_new:
            return
        if self.has_other_collation:
            yield f"the collation of {self.name}"
        yield from (f"{self.name}.{name}" for name in self.altered_columns)
        yield from (f"{self.name}.{name} (left over)" for name in self.obstructive_columns)
        yield from (f"index {name} of {self.name}" for name in self.changed_indexes)
        yield from (f"index {name} of {self.name} (left over)" for name in self.obstructive_indexes)
