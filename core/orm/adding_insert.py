"""An INSERT that adds to a row which is there already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect


def adding_insert(table: Table, values: Mapping[str, Any], sums: Collection[str], dialect: Dialect) -> Insert:
    """Inserts `values` by column; where a row has this id, the columns `sums` grow by theirs, and the others stay.

    It is one statement, so that of two writers neither loses what the other has added. On MariaDB it locks the row that
    it finds for writing: a plain INSERT that is refused would lock it for reading, and two such wait for each other.
    """
    if dialect.name == "mariadb":
        added = mysql.insert(table).values(values)
        changed = {name: table.c[name] + added.inserted[name] for name in sums}
        return added.on_duplicate_key_update(changed or {"id": table.c.id})
    inserted = _insert(table, dialect).values(values)
    grown = {name: table.c[name] + inserted.excluded[name] for name in sums}
    if not grown:
        unchanged: Insert = inserted.on_conflict_do_nothing()
        return unchanged
    statement: Insert = inserted.on_conflict_do_update(index_elements=[table.c.id], set_=grown)
    return statement


def _insert(table: Table, dialect: Dialect) -> Any:
    # Each takes long to load, and the other one is not there on most installations.
    if dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
