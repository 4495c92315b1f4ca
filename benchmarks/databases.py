"""New databases for benchmarks: a SQLite file, or one on a server that answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.databases import MARIADB, POSTGRESQL, SQLITE, answering_server, new_server_database

TITLES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL", MARIADB: "MariaDB"}
#: What the command line calls them.
DATABASES = {"sqlite": SQLITE, "postgres": POSTGRESQL, "mariadb": MARIADB}


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str | None]:
    """The address of a new database, which is gone afterwards; None where no server of this kind answers."""
    if kind == SQLITE:
        with tempfile.TemporaryDirectory(prefix="benchmark-", dir=folder) as place:
            yield f"sqlite:///{Path(place).resolve() / 'atro.sqlite'}"
        return
    server = answering_server(kind)
    if server is None:
        yield None
        return
    with new_server_database(make_url(server), kind, is_for_tests=False) as url:
        yield url


@contextmanager
def wanted_database(name: str, folder: Path) -> Iterator[str]:
    """The same of the kind that `--db` names; ends the program with a sentence where no server answers."""
    kind = DATABASES[name]
    with database(kind, folder) as url:
        if url is None:
            variable = {POSTGRESQL: "TEST_POSTGRES_URL", MARIADB: "TEST_MARIADB_URL"}[kind]
            raise SystemExit(f"--db {name}: no {TITLES[kind]} answers. Start a server, or name one in {variable}.")
        yield url
