"""What comparing and changing tables needs of one kind of database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, String, Table, cast

from core.orm.schema_diff.difference import Difference
from core.orm.schema_diff.shape import TableShape

if TYPE_CHECKING:  # alembic takes a tenth of a second to load, and is needed only where something is to be changed
    from core.orm.schema_diff.rendering import Renderer


class SchemaDialect(ABC):
    """Reads tables as the database describes them, and knows how it changes them.

    The definitions are compared in the same words: the database itself says what it would make of them.
    """

    #: Whether a failed change leaves nothing of itself behind.
    is_transactional = True

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def table_names(self) -> set[str]:
        """All tables, also those of others."""

    @abstractmethod
    def shape(self, table: str) -> TableShape:
        """A table as it is."""

    @abstractmethod
    def sketch(self, tables: Iterable[Table]) -> dict[str, TableShape]:
        """By name, what the tables would be if they were made now; nothing stays."""

    @abstractmethod
    def alter(self, difference: Difference, render: Renderer) -> Iterator[str]:
        """The statements that make changed columns as they are defined; new ones are there already."""

    def alter_table(self, difference: Difference) -> Iterator[str]:
        """The statements that change what is none of its columns' own, before these."""
        return iter(())

    def obstacles(self, difference: Difference) -> Iterator[str]:
        """What else keeps the table from being changed."""
        return iter(())

    @contextmanager
    def changing(self, tables: Sequence[str]) -> Iterator[None]:
        """Around the statements that change these tables."""
        yield

    def as_text(self, column: ColumnElement[object], kind: str) -> ColumnElement[str]:
        """A value as every database of its kind writes it."""
        return cast(column, String)

    def quote(self, name: str) -> str:
        """A name as it stands in a statement."""
        return self.connection.dialect.identifier_preparer.quote(name)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What a query without parameters answers."""
        result = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return [tuple(row) for row in result]

    def run(self, sql: str) -> None:
        """Run a statement without parameters: a % in it is a %."""
        self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
