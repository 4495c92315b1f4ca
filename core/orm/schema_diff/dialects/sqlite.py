"""Tables on SQLite, which changes a column by moving and copying the whole table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, Table, create_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from core.orm.column_types import Day, Moment
from core.orm.schema_diff.dialect import SchemaDialect
from core.orm.schema_diff.difference import Difference
from core.orm.schema_diff.filling import fill
from core.orm.schema_diff.raw_type import raw_column
from core.orm.schema_diff.shape import ColumnShape, TableShape

if TYPE_CHECKING:  # alembic: only where something is to be changed
    from core.orm.schema_diff.rendering import Renderer

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
# A column may be called `generated`; the others are quoted then.
_UNKNOWN = re.compile(r"\b(CHECK|REFERENCES|GENERATED\s+ALWAYS|AUTOINCREMENT|UNIQUE)\b", re.IGNORECASE)
_MIDNIGHT = " 00:00:00.000000"


class SQLiteSchema(SchemaDialect):
    """Everything in one transaction."""

    def table_names(self) -> set[str]:
        """See `SchemaDialect.table_names`."""
        names = self.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return {str(name) for (name,) in names}

    def shape(self, table: str) -> TableShape:
        """See `SchemaDialect.shape`."""
        name = _literal(table)
        columns = {
            str(column): ColumnShape(str(kind).upper(), not is_not_null, _text(default), special=str(hidden or ""))
            for _, column, kind, is_not_null, default, _, hidden in self.rows(f"PRAGMA table_xinfo({name})")
        }
        parts = self.rows(f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name = {name} AND sql IS NOT NULL")
        indexes = {str(part): str(sql) for kind, part, sql in parts if kind == "index"}
        triggers = tuple(str(sql) for kind, _, sql in parts if kind == "trigger")
        made_by = next((str(sql) for kind, _, sql in parts if kind == "table"), "")
        return TableShape(columns, indexes, more=triggers, unknown=_unknown_in(made_by))

    def sketch(self, tables: Iterable[Table]) -> dict[str, TableShape]:
        """See `SchemaDialect.sketch`; in a database that is nothing but memory."""
        engine = create_engine("sqlite://")
        try:
            with engine.connect() as connection:
                return {table.name: _sketched(connection, table) for table in tables}
        finally:
            engine.dispose()

    def alter(self, difference: Difference, render: Renderer) -> Iterator[str]:
        """See `SchemaDialect.alter`."""
        for name in difference.altered_columns:
            yield from self._rewrite(difference, name)
        yield from render.move_and_copy(_with_left_columns(difference))
        gone = {*difference.changed_indexes, *difference.obstructive_indexes}
        made_again = difference.there.indexes.keys() - gone
        yield from (difference.there.indexes[name] for name in sorted(made_again))
        yield from difference.there.more

    def obstacles(self, difference: Difference) -> Iterator[str]:
        """See `SchemaDialect.obstacles`."""
        if not (difference.altered_columns or difference.obstructive_columns):
            return
        if difference.there.unknown:
            yield (
                f"Somebody has changed the table {difference.name} ({difference.there.unknown}). SQLite changes a "
                "column by making the table anew, and that would be lost: change the table by hand."
            )
        others = [other for other in sorted(self.table_names()) if difference.name in self._referred_to(other)]
        if others:
            yield (
                f"Foreign keys of {', '.join(others)} lead to the table {difference.name}. SQLite changes a column by "
                "making the table anew, and would carry out what they say for removed rows: take them away first."
            )

    @contextmanager
    def changing(self, tables: Sequence[str]) -> Iterator[None]:
        """Views of others are not looked at while a table that they name is away for a moment."""
        self.run("PRAGMA legacy_alter_table=ON")
        try:
            yield
        finally:
            self.run("PRAGMA legacy_alter_table=OFF")

    def _rewrite(self, difference: Difference, name: str) -> Iterator[str]:
        """What the affinity of the new column does not do by itself while the rows are copied."""
        column = difference.table.c[name]
        table, quoted = self.quote(difference.name), self.quote(name)
        if difference.wanted.columns[name].type != difference.before(name).type:
            if isinstance(column.type, Moment):
                filled_up = f"substr({quoted} || substr('{_MIDNIGHT}', length({quoted}) - 9), 1, 26)"
                yield f"UPDATE {table} SET {quoted} = {filled_up} WHERE length({quoted}) BETWEEN 10 AND 25"
            if isinstance(column.type, Day):
                yield f"UPDATE {table} SET {quoted} = substr({quoted}, 1, 10) WHERE length({quoted}) > 10"
        yield from fill(self.connection.dialect, difference, name)

    def _referred_to(self, table: str) -> set[str]:
        return {str(row[2]) for row in self.rows(f"PRAGMA foreign_key_list({_literal(table)})")}


def _sketched(connection: Connection, table: Table) -> TableShape:
    connection.execute(CreateTable(table))
    for index in table.indexes:
        connection.execute(CreateIndex(index))
    return SQLiteSchema(connection).shape(table.name)


def _with_left_columns(difference: Difference) -> Table:
    copy = difference.table.to_metadata(MetaData())
    copy.indexes.clear()  # they are made afterwards, with those that others have made
    for name in difference.left_columns:
        copy.append_column(raw_column(name, difference.there.columns[name]))
    return copy


def _unknown_in(made_by: str) -> str | None:
    words = _QUOTED.sub("", made_by)
    found = _UNKNOWN.search(words)
    options = words.rpartition(")")[2].strip()  # STRICT, WITHOUT ROWID
    return found[1].upper() if found else options or None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
