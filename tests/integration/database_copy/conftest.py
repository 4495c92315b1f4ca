"""Two databases with the same definitions: one to be copied, one to copy into."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from core.config.database_url import dialect_of
from core.metadata import Layer, Metadata
from core.orm import Database, Schema
from core.orm.database_copy import Copier, CopyReport, Target
from tests.databases import KINDS, MARIADB, POSTGRESQL, SQLITE, Servers

FIELDS: dict[str, Any] = {
    "name": {"type": "varchar", "maxLength": 20},
    "text": {"type": "text"},
    "count": {"type": "int"},
    "price": {"type": "float"},
    "active": {"type": "bool"},
    "soldOn": {"type": "date"},
    "soldAt": {"type": "datetime"},
    "more": {"type": "jsonObject"},
    "createdBy": None,
    "modifiedBy": None,
}
_BUSY_SECONDS = 0.3
_PROOF = pytest.mark.proof
#: Where it makes no difference which one it is.
SQLITE_FIRST = [SQLITE, *(pytest.param(kind, marks=_PROOF) for kind in (POSTGRESQL, MARIADB))]
_ESSENTIAL = [(SQLITE, POSTGRESQL), (SQLITE, MARIADB), (POSTGRESQL, MARIADB), (MARIADB, SQLITE)]
#: From each and to each; all of them in `make proof`.
PAIRS = [pytest.param(*pair, marks=() if pair in _ESSENTIAL else _PROOF) for pair in product(KINDS, KINDS)]


class Place:
    """A database in which the entity Article is at home."""

    def __init__(self, url: str, metadata: Metadata) -> None:
        self.url = url
        self.schema = Schema(metadata, dialect=dialect_of(url))
        self.database = Database(url, lock_timeout_seconds=_BUSY_SECONDS)

    @property
    def articles(self) -> Table:
        return self.schema.table("Article")

    def make_tables(self) -> None:
        with self.database.write() as connection:
            self.schema.ensure(connection)

    def insert(self, *rows: dict[str, Any]) -> None:
        self.insert_into(self.articles, rows)

    def insert_into(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        with self.database.write() as connection:
            connection.execute(insert(table), list(rows))

    def execute(self, *statements: str) -> None:
        with self.database.write() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """The articles by id, as the data layer reads them."""
        return self.rows_of(self.articles, *columns)

    def rows_of(self, table: Table, *columns: str) -> list[tuple[Any, ...]]:
        chosen = [table.c[name] for name in columns] or list(table.columns)
        with self.database.read() as connection:
            return [tuple(row) for row in connection.execute(select(*chosen).order_by(*table.primary_key))]


class Copying:
    """What a test copies: `define` first if Article is not enough, then `source` and `target`."""

    def __init__(self, root: Path, new_url: Callable[[str, Path], str], closing: ExitStack) -> None:
        self.root = root
        self._new_url = new_url
        self._closing = closing
        self.define("Article", FIELDS)
        self.metadata = Metadata([Layer("data/metadata", root / "metadata")], root / "cache")

    def define(self, entity: str, fields: dict[str, Any], **definition: Any) -> None:
        for section, content in (("entityDefs", {"fields": fields, **definition}), ("scopes", {"entity": True})):
            file = self.root / "metadata" / section / f"{entity}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))

    def open(self, kind: str, name: str) -> Place:
        folder = self.root / name
        folder.mkdir()
        place = Place(self._new_url(kind, folder), self.metadata)
        self._closing.callback(place.database.close)
        return place

    def start(self, source: str = "sqlite", target: str = "sqlite") -> None:
        """Two databases of these kinds; the source has its tables."""
        self.source, self.target = self.open(source, "source"), self.open(target, "target")
        self.source.make_tables()

    def copy(self, listener: Callable[..., None] = lambda *_: None) -> CopyReport:
        copier = self.copier()
        with copier.source_held():
            return copier.run(listener)

    def copier(self) -> Copier:
        target = Target(self.target.url, Schema(self.metadata, dialect=dialect_of(self.target.url)), 5)
        self._closing.callback(target.close)
        return Copier(self.source.database, self.source.url, target)


@pytest.fixture
def copying(tmp_path: Path, servers: Servers) -> Iterator[Copying]:
    with ExitStack() as stack:
        yield Copying(tmp_path, lambda kind, folder: stack.enter_context(servers.new_database(kind, folder)), stack)


def article(number: int, **values: Any) -> dict[str, Any]:
    """A row with little in it."""
    empty = dict.fromkeys(("name", "text", "count", "price", "sold_on", "sold_at", "more"))
    return {"id": f"{number:06}", **empty, "active": True, "deleted": False, **values}
