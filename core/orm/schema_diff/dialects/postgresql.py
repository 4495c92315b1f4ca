"""Tables on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, String, Table, cast, func
from sqlalchemy.schema import CreateIndex, CreateTable

from core.orm.schema_diff.dialect import SchemaDialect
from core.orm.schema_diff.difference import Difference
from core.orm.schema_diff.filling import default_of, fill
from core.orm.schema_diff.kind import BOOL, COMES_THROUGH, DAY, FLOAT, MOMENT, TEXT, kind_of_column, kind_of_name
from core.orm.schema_diff.shape import ColumnShape, TableShape

if TYPE_CHECKING:  # alembic: only where something is to be changed
    from core.orm.schema_diff.rendering import Renderer

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
       CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(c.collname) END,
       a.attidentity::text || a.attgenerated::text
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     LEFT JOIN pg_collation c ON c.oid = a.attcollation
WHERE a.attrelid = {table}::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = {table}::regclass AND NOT i.indisprimary
"""
# The index of a sketch stands on a temporary table, in another schema.
_PLACE = re.compile(r" ON (?:ONLY )?\S+ USING ")
_AS_TEXT = "YYYY-MM-DD HH24:MI:SS.US"

#: How a value becomes another kind of value, where a plain cast would not do it, or not independently of the session.
_USING = {
    (BOOL, TEXT): "{column}::integer::{type}",
    (BOOL, FLOAT): "{column}::integer::{type}",
    (DAY, MOMENT): "{column}::timestamp AT TIME ZONE 'UTC'",
    (TEXT, MOMENT): "{column}::timestamp AT TIME ZONE 'UTC'",
    (TEXT, DAY): "{column}::timestamp::date",
    (MOMENT, DAY): "({column} AT TIME ZONE 'UTC')::date",
    (MOMENT, TEXT): f"to_char({{column}} AT TIME ZONE 'UTC', '{_AS_TEXT}')",
}
_CAST = "{column}::{type}"
# Only rows without a value are left where no value of the one kind can be one of the other.
_NOTHING = "NULL::{type}"


class PostgreSQLSchema(SchemaDialect):
    """Everything in one transaction."""

    def table_names(self) -> set[str]:
        """See `SchemaDialect.table_names`."""
        return {
            str(name) for (name,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        }

    def shape(self, table: str) -> TableShape:
        """See `SchemaDialect.shape`; of two tables of a name the temporary one."""
        name = "'" + self.quote(table).replace("'", "''") + "'"
        columns = {
            str(column): ColumnShape(str(kind), not is_not_null, _text(default), _text(collation), str(special))
            for column, kind, is_not_null, default, collation, special in self.rows(_COLUMNS.format(table=name))
        }
        indexes = {
            str(index): _PLACE.sub(" USING ", str(definition)) + ("" if is_valid else " INVALID")
            for index, definition, is_valid in self.rows(_INDEXES.format(table=name))
        }
        return TableShape(columns, indexes)

    def sketch(self, tables: Iterable[Table]) -> dict[str, TableShape]:
        """See `SchemaDialect.sketch`; in temporary tables, which hide those of the same name."""
        with self.connection.begin_nested() as savepoint:
            shapes = {table.name: self._sketched(table) for table in tables}
            savepoint.rollback()
        return shapes

    def alter(self, difference: Difference, render: Renderer) -> Iterator[str]:
        """See `SchemaDialect.alter`."""
        for name in difference.altered_columns:
            yield from self._alter(difference, name, render)
        for name in difference.obstructive_columns:
            yield from render.alter_column(difference.name, name, nullable=True)

    @contextmanager
    def changing(self, tables: Sequence[str]) -> Iterator[None]:
        """Nobody writes meanwhile what was found not to be there."""
        for table in tables:
            self.run(f"LOCK TABLE {self.quote(table)} IN ACCESS EXCLUSIVE MODE")
        yield

    def as_text(self, column: ColumnElement[Any], kind: str) -> ColumnElement[str]:
        """See `SchemaDialect.as_text`."""
        if kind == MOMENT:
            return func.to_char(func.timezone("UTC", column), _AS_TEXT)
        return cast(cast(column, Integer) if kind == BOOL else column, String)

    def _sketched(self, table: Table) -> TableShape:
        made = str(CreateTable(table).compile(dialect=self.connection.dialect)).replace("%%", "%")
        self.run(made.lstrip().replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1))
        for index in table.indexes:
            self.connection.execute(CreateIndex(index))
        return self.shape(table.name)

    def _alter(self, difference: Difference, name: str, render: Renderer) -> Iterator[str]:
        column, wanted = difference.table.c[name], difference.wanted.columns[name]
        there = difference.before(name)

        def change(**options: Any) -> list[str]:
            return render.alter_column(difference.name, name, **options)

        is_other_type = (there.type, there.collation) != (wanted.type, wanted.collation)
        is_other_default = there.default != wanted.default
        if is_other_type:
            # A default that fits the old type only would be in the way.
            if there.default is not None:
                yield from change(server_default=None)
            yield from change(type_=column.type, postgresql_using=self._using(difference, name))
        if wanted.default is not None and (is_other_default or is_other_type):
            yield from change(server_default=default_of(column))
        elif is_other_default and not is_other_type:
            yield from change(server_default=None)
        if there.is_nullable != wanted.is_nullable:
            yield from fill(self.connection.dialect, difference, name)
            yield from change(nullable=wanted.is_nullable)

    def _using(self, difference: Difference, name: str) -> str | None:
        before = kind_of_name(difference.there.columns[name].type)
        after = kind_of_column(difference.table.c[name].type)
        if (before, after) == (TEXT, TEXT):
            return None  # then it is refused that a text is cut off
        pattern = _USING.get((before, after)) or (_CAST if (before, after) in COMES_THROUGH else _NOTHING)
        return pattern.format(column=self.quote(name), type=difference.wanted.columns[name].type)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
