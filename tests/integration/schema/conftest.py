"""Definitions that change, over a database of each kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.metadata import Layer, Metadata
from core.orm import Database, Schema
from core.orm.schema_diff import SchemaDiff, Statement


@pytest.fixture(autouse=True)
def tables_made_each_time(monkeypatch: pytest.MonkeyPatch, tables_of_new_files_made_once: Any) -> None:
    """How they are made is what is tried in this room."""
    monkeypatch.setattr(Schema, "ensure", tables_of_new_files_made_once)


class Definitions:
    """Define entities, then look at the tables that come of it. Core's own entities are not among them."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.kind = url.partition(":")[0].partition("+")[0]
        self.database = Database(url)
        self._metadata = Metadata([Layer("data/metadata", root / "metadata")], root / "cache")
        self.schema = Schema(self._metadata, dialect=self.kind)

    def define(self, entity: str, fields: dict[str, Any], **definition: Any) -> None:
        """An entity in place of a former one of the same name."""
        self._write(f"metadata/entityDefs/{entity}.json", {"fields": fields, **definition})
        self._write(f"metadata/scopes/{entity}.json", {"entity": True})
        self._reload()

    def undefine(self, entity: str) -> None:
        for section in ("entityDefs", "scopes"):
            (self.root / f"metadata/{section}/{entity}.json").unlink()
        self._reload()

    def reopen(self) -> Schema:
        """What another process has."""
        return Schema(self._metadata, dialect=self.kind)

    def ensure(self) -> None:
        """What the first use of a database does."""
        with self.database.write() as connection:
            self.schema.ensure(connection)

    def update(self, *, with_drops: bool = False) -> list[Statement]:
        """What `sql diff --run` does."""
        with self.database.write() as connection:
            return list(self.schema.update(connection, with_drops=with_drops).done)

    def statements(self) -> list[str]:
        """What `sql diff --show` shows; drops end in `-- drop`."""
        with self.database.write() as connection:
            found = self.schema.compare(connection).statements
        return [f"{each.sql}{' -- drop' if each.is_drop else ''}" for each in found]

    def summary(self) -> list[str]:
        compared = self._compared()
        return [*compared.additions, *compared.changes]

    def obstacles(self) -> list[str]:
        with self.database.write() as connection:
            return self.schema.compare(connection).obstacles

    def _compared(self) -> SchemaDiff:
        with self.database.write() as connection:
            return self.schema.compare(connection)

    def execute(self, *statements: str) -> None:
        with self.database.write() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def insert(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Rows by the table that the definitions give."""
        if rows:
            with self.database.write() as connection:
                connection.execute(self._table(table).insert(), list(rows))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def values(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Rows as the data layer reads them, by id."""
        found = self._table(table)
        with self.database.read() as connection:
            statement = found.select().with_only_columns(*(found.c[name] for name in columns)).order_by(found.c.id)
            return [tuple(row) for row in connection.execute(statement)]

    def _table(self, name: str) -> Any:
        return next(table for table in self.schema.tables() if table.name == name)

    def _write(self, path: str, content: Any) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))

    def _reload(self) -> None:
        self._metadata.reload()
        self.schema.reload()


@pytest.fixture
def definitions(database_url: str, tmp_path: Path) -> Iterator[Definitions]:
    definitions = Definitions(tmp_path, database_url)
    yield definitions
    definitions.database.close()
