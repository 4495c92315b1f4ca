"""From the definition of an index to the index of a table, on databases that can and those that cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Index, String, Table, Text, text

from core.orm.index_definition import IndexDefinition
from core.orm.names import index_name

_WITHOUT_PARTIAL_INDEXES = "mariadb"
# MariaDB's longest key is 3072 bytes; a character takes up to four. The rest is for columns that are no texts.
_KEY_CHARACTERS = 3072 // 4 - 48
_PREFIX_CHARACTERS = 255
_WORD = re.compile(r"\w+|'[^']*'")
_NOT_NULL = re.compile(r"\s*(\w+)\s+IS\s+NOT\s+NULL\s*", re.IGNORECASE)


def add_index(table: Table, definition: IndexDefinition, dialect: str) -> None:
    """Add the index to a table of a database of that kind; one that it cannot have is left out.

    Where an index cannot be partial, the columns of its condition are its first ones: a query that has the condition
    finds its rows together.
    """
    if why_impossible(definition, dialect):
        return
    can_be_partial = dialect != _WITHOUT_PARTIAL_INDEXES
    columns = [table.c[name] for name, _ in definition.columns]
    first = []
    if definition.where is not None and not can_be_partial and not definition.is_unique:
        first = [each for each in _columns_in(table, definition.where) if each not in columns]
    where = text(definition.where) if definition.where is not None and can_be_partial else None
    # Descending columns would keep MariaDB from finding a greatest value without reading the rows.
    is_descending = [each for _, each in definition.columns] if can_be_partial else [False] * len(columns)
    # SQLAlchemy loads each dialect that an option names, and another one than ours takes as long as a tenth of it all.
    options: dict[str, Any] = {}
    if can_be_partial:
        options[f"{dialect}_where"] = where
    elif not definition.is_unique:
        options[f"{dialect}_length"] = _prefix_lengths([*first, *columns])
    Index(
        index_name(table.name, definition.name),
        *first,
        *(column.desc() if down else column for column, down in zip(columns, is_descending, strict=True)),
        unique=definition.is_unique,
        **options,
    )


def why_impossible(definition: IndexDefinition, dialect: str) -> str | None:
    """What to do about an index that this kind of database cannot have."""
    if definition.is_unique and dialect == _WITHOUT_PARTIAL_INDEXES and not _is_whole(definition):
        return (
            "is unique for some rows only, which MariaDB cannot do: leave out its condition, and let the rows that do "
            "not count have no value (null) in one of its columns."
        )
    return None


def _is_whole(definition: IndexDefinition) -> bool:
    """Whether the condition leaves out only rows that a unique index lets be anyway: NULL is unique beside NULL."""
    if definition.where is None:
        return True
    found = _NOT_NULL.fullmatch(definition.where)
    return found is not None and found[1] in [name for name, _ in definition.columns]


def _columns_in(table: Table, condition: str) -> Iterator[Column[object]]:
    found = [word for word in _WORD.findall(condition) if word in table.c]
    yield from (table.c[name] for name in dict.fromkeys(found))


def _prefix_lengths(columns: Sequence[Column[object]]) -> dict[str, int]:
    texts = [column for column in columns if isinstance(column.type, String)]
    if sum(map(_characters, texts)) <= _KEY_CHARACTERS:  # whole columns alone keep rows in order
        return {}
    longest = min(_PREFIX_CHARACTERS, _KEY_CHARACTERS // max(1, len(texts)))
    return {column.name: longest for column in texts if _characters(column) > longest}


def _characters(column: Column[object]) -> float:
    length = getattr(column.type, "length", None)
    return float("inf") if length is None or isinstance(column.type, Text) else float(length)
