"""Tables on MariaDB, which commits each change of a table by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table
from sqlalchemy.schema import CreateIndex, CreateTable

from core.orm.schema_diff.dialect import SchemaDialect
from core.orm.schema_diff.difference import Difference
from core.orm.schema_diff.filling import default_of, fill
from core.orm.schema_diff.raw_type import raw_type
from core.orm.schema_diff.shape import ColumnShape, TableShape

if TYPE_CHECKING:  # alembic: only where something is to be changed
    from core.orm.schema_diff.rendering import Renderer

_COLLATION = re.compile(r"COLLATE=(\w+)")


class MariaDBSchema(SchemaDialect):
    """One statement after the other."""

    is_transactional = False

    def table_names(self) -> set[str]:
        """See `SchemaDialect.table_names`."""
        return {str(name) for name, _ in self.rows("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")}

    def shape(self, table: str) -> TableShape:
        """See `SchemaDialect.shape`; of two tables of a name the temporary one."""
        name = self.quote(table)
        columns = {
            str(column): ColumnShape(str(kind), null == "YES", _text(default), _text(collation), _special(str(extra)))
            for column, kind, collation, null, _, default, extra, *_ in self.rows(f"SHOW FULL COLUMNS FROM {name}")
        }
        indexes: dict[str, str] = {}
        for _, is_not_unique, index, _, column, direction, _, part, *_ in self.rows(f"SHOW INDEX FROM {name}"):
            begin = indexes.get(str(index), "" if is_not_unique else "UNIQUE ")
            indexes[str(index)] = f"{begin}({column} {direction} {part or ''})"
        indexes.pop("PRIMARY", None)
        collation = _COLLATION.search(str(self.rows(f"SHOW CREATE TABLE {name}")[0][1]).splitlines()[-1])
        return TableShape(columns, indexes, collation[1] if collation else "")

    def sketch(self, tables: Iterable[Table]) -> dict[str, TableShape]:
        """See `SchemaDialect.sketch`; in temporary tables, which hide those of the same name."""
        return {table.name: self._sketched(table) for table in tables}

    def alter_table(self, difference: Difference) -> Iterator[str]:
        """See `SchemaDialect.alter_table`."""
        if difference.has_other_collation:
            yield f"ALTER TABLE {self.quote(difference.name)} DEFAULT COLLATE {difference.wanted.collation}"

    def alter(self, difference: Difference, render: Renderer) -> Iterator[str]:
        """See `SchemaDialect.alter`."""
        for name in difference.altered_columns:
            yield from self._alter(difference, name, render)
        for name in difference.obstructive_columns:
            existing = raw_type(difference.there.columns[name])
            yield from render.alter_column(difference.name, name, existing_type=existing, nullable=True)

    def _sketched(self, table: Table) -> TableShape:
        made = str(CreateTable(table).compile(dialect=self.connection.dialect)).replace("%%", "%")
        self.run(made.lstrip().replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1))
        try:
            for index in table.indexes:
                self.connection.execute(CreateIndex(index))
            return self.shape(table.name)
        finally:
            self.run(f"DROP TEMPORARY TABLE {self.quote(table.name)}")

    def _alter(self, difference: Difference, name: str, render: Renderer) -> Iterator[str]:
        column, wanted, before = difference.table.c[name], difference.wanted.columns[name], difference.before(name)

        def modify(is_nullable: bool) -> list[str]:
            # MODIFY says the whole column anew: what is not said is lost.
            return render.alter_column(
                difference.name,
                name,
                type_=column.type,
                existing_type=column.type,
                nullable=is_nullable,
                existing_nullable=before.is_nullable,
                server_default=default_of(column),
            )

        filling = list(fill(self.connection.dialect, difference, name))
        if filling and _but_for_null(before) != _but_for_null(wanted):
            yield from modify(is_nullable=True)
        yield from filling
        yield from modify(wanted.is_nullable)


def _but_for_null(shape: ColumnShape) -> tuple[Any, ...]:
    return shape.type, shape.default, shape.collation


def _special(extra: str) -> str:
    return extra if "GENERATED" in extra.upper() or "AUTO_INCREMENT" in extra.upper() else ""


def _text(value: object) -> str | None:
    return None if value is None else str(value)
