"""The tables in a database beside those that the metadata define."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from core.exceptions import SchemaError
from core.orm.added_column import added_column
from core.orm.schema_diff.dialect import SchemaDialect
from core.orm.schema_diff.dialects import dialect_of
from core.orm.schema_diff.difference import Difference
from core.orm.schema_diff.obstacles import obstacles
from core.orm.schema_diff.statement import Statement, Update

if TYPE_CHECKING:  # alembic takes a tenth of a second to load, and is needed only where something is to be changed
    from core.orm.schema_diff.rendering import Renderer


class SchemaDiff:
    """What is otherwise in the database, and the statements that mend it; as it was when it was asked for first.

    `ours` are names of tables that were made here: those of them that nobody defines any more are left over. Tables of
    others are let alone.
    """

    def __init__(self, connection: Connection, tables: Sequence[Table], ours: Collection[str] = ()) -> None:
        self._dialect = dialect_of(connection)
        there = self._dialect.table_names()
        tables = sorted(tables, key=lambda table: table.name)
        names = {table.name for table in tables}
        self.left_tables = sorted((set(ours) & there) - names)
        found = {name: self._dialect.shape(name) for name in sorted(there & names)}
        sketched = self._dialect.sketch(tables)
        self.differences = [Difference(table, found.get(table.name), sketched[table.name]) for table in tables]

    @property
    def additions(self) -> list[str]:
        """In a few words each, what is missing and can be added."""
        return [text for difference in self.differences for text in difference.additions()]

    @property
    def changes(self) -> list[str]:
        """In a few words each, what has to be made otherwise; what is left over does not count."""
        return [text for difference in self.differences for text in difference.changes()]

    @cached_property
    def obstacles(self) -> list[str]:
        """What keeps the statements from being run, a sentence each."""
        return [text for difference in self.differences for text in obstacles(self._dialect, difference)]

    @cached_property
    def statements(self) -> list[Statement]:
        """All statements in the order in which they are run: the same for the same difference. Drops come last."""
        if not (self.left_tables or any(each.is_any for each in self.differences)):
            return []
        from core.orm.schema_diff.rendering import Renderer  # alembic: only where something is to be changed

        render = Renderer(self._dialect.connection.dialect)
        made = [statement for each in self.differences for statement in _making(each, self._dialect, render)]
        dropped = [statement for each in self.differences for statement in _dropping(each, render)]
        tables = [Statement(sql, name, is_drop=True) for name in self.left_tables for sql in render.drop_table(name)]
        return [*made, *dropped, *tables]

    def run(self, *, with_drops: bool = False) -> Update:
        """Make the database as it is defined; drops only if they are asked for.

        Needs a writing transaction. Raises SchemaError where the rows do not allow it, before anything is changed, and
        where the database refuses a statement; on MariaDB what was done before that one stays.
        """
        done = [each for each in self.statements if with_drops or not each.is_drop]
        altered = [each.name for each in self.differences if each.altered_columns]
        with self._dialect.changing(altered):
            if self.obstacles:
                raise SchemaError("\n".join(self.obstacles))
            for number, statement in enumerate(done):
                try:
                    self._dialect.run(statement.sql)
                except DBAPIError as error:
                    raise SchemaError(self._why_not(statement, error, done[:number])) from error
        return Update(done, [each for each in self.statements if each not in done])

    def _why_not(self, statement: Statement, error: DBAPIError, done: Sequence[Statement]) -> str:
        refusal = f"The database refused to change the table {statement.table}: {error.orig}.\n  {statement.sql};"
        if self._dialect.is_transactional:
            return f"{refusal}\nNothing was changed."
        if not done:
            return f"{refusal}\nNothing was changed before it."
        stays = "\n".join(f"  {each.sql};" for each in done)
        return f"{refusal}\nWhat was done before stays, as this database commits each change by itself:\n{stays}"


def _making(difference: Difference, dialect: SchemaDialect, render: Renderer) -> Iterator[Statement]:
    yield from (Statement(sql, difference.name) for sql in _made(difference, dialect, render))


def _made(difference: Difference, dialect: SchemaDialect, render: Renderer) -> Iterator[str]:
    if difference.is_new:
        yield from render.create_table(difference.table)
    else:
        yield from dialect.alter_table(difference)
        for name in difference.new_columns:
            yield from render.add_column(difference.name, added_column(difference.table.c[name]))
        for name in [*difference.obstructive_indexes, *difference.changed_indexes]:
            yield from render.drop_index(difference.name, name)
        if difference.altered_columns or difference.obstructive_columns:
            yield from dialect.alter(difference, render)
    for name in [*difference.new_indexes, *difference.changed_indexes]:
        yield from render.create_index(difference.index(name))


def _dropping(difference: Difference, render: Renderer) -> Iterator[Statement]:
    for name in difference.left_indexes:
        yield from (Statement(sql, difference.name, True) for sql in render.drop_index(difference.name, name))
    for name in difference.left_columns:
        yield from (Statement(sql, difference.name, True) for sql in render.drop_column(difference.name, name))
