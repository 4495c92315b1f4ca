"""Databases for tests: a file, or an empty database of this test run on a server, dropped at its end. A pytest plugin.

TEST_POSTGRES_URL and TEST_MARIADB_URL name servers: a user who may create databases, and any database of theirs.
Without them the usual sockets and ports of this machine are tried. Where no PostgreSQL answers, one is started from a
wheel; where no MariaDB answers, its tests are skipped.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from core.orm.migration_table import MIGRATIONS
from core.orm.schema_state import STATE_TABLE
from core.testing import Installation
from tests import postgres_server
from tests.postgres_server import PostgresServer

SQLITE, POSTGRESQL, MARIADB = "sqlite", "postgresql", "mariadb"
KINDS = (SQLITE, POSTGRESQL, MARIADB)

#: What a database looks like, without its rows.
Shape = list[set[tuple[object, ...]]]

_VARIABLES = {POSTGRESQL: "TEST_POSTGRES_URL", MARIADB: "TEST_MARIADB_URL"}
_USER = getpass.getuser()
_USUAL = {
    POSTGRESQL: [
        *(f"postgresql+psycopg://{user}@/postgres?host=/var/run/postgresql" for user in ("postgres", _USER)),
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    ],
    MARIADB: [
        *(f"mariadb+pymysql://{user}@localhost/?unix_socket=/run/mysqld/mysqld.sock" for user in ("root", _USER)),
        "mariadb+pymysql://root@127.0.0.1:3306/",
    ],
}
_CONNECT_SECONDS = 3
_REMEMBERED = (STATE_TABLE, MIGRATIONS.name)


class Servers:
    """The servers of a test run; `shared` is a folder that all its processes see, `owner` the first of them."""

    def __init__(self, shared: Path, owner: int, closing: ExitStack) -> None:
        self._shared = shared
        self._owner = owner
        self._closing = closing
        self._found: dict[str, str | None] = {}
        self._emptied: list[str] = []
        self._prepared: dict[str, list[str]] = {}
        self._shapes: dict[str, Shape] = {}

    @contextmanager
    def new_database(self, kind: str, folder: Path) -> Iterator[str]:
        """The address of an empty database; a SQLite file is made in `folder`. Skips the test if there is no server."""
        if kind == SQLITE:
            yield f"sqlite:///{folder / 'atro.sqlite'}"
            return
        if kind == POSTGRESQL:
            yield from self._postgres_database()
            return
        with new_server_database(self.url(kind), kind) as url:
            yield url

    @contextmanager
    def new_installation_database(self, kind: str, folder: Path) -> Iterator[str]:
        """The same for an installation; the tables of core may be there, as they take servers long to make."""
        if kind == SQLITE:
            yield f"sqlite:///{folder / 'atro.sqlite'}"
            return
        prepared = self._prepared.setdefault(kind, [])
        url = prepared.pop() if prepared else self._prepare(kind, folder)
        yield url
        if kind == POSTGRESQL:
            end_other_connections(make_url(url))
        if shape_of(url) == self._shapes[kind]:
            delete_rows(url)
            prepared.append(url)
        elif kind == POSTGRESQL:
            empty_postgres(make_url(url))
            self._emptied.append(url)

    def url(self, kind: str) -> URL:
        """A server that answers. Skips the test if there is none; one that is named has to answer."""
        if kind not in self._found:
            self._found[kind] = self._find(kind)
        url = self._found[kind]
        if url is None:
            pytest.skip(f"NOT TESTED, as no {kind} answers: start a server, or name one in {_VARIABLES[kind]}.")
        return make_url(url)

    def _postgres_database(self) -> Iterator[str]:
        # Each one that is dropped makes the server write everything to the disk: it is emptied, and used again.
        new = new_server_database(self.url(POSTGRESQL), POSTGRESQL)
        url = self._emptied.pop() if self._emptied else self._closing.enter_context(new)
        yield url
        empty_postgres(make_url(url))
        self._emptied.append(url)

    def _prepare(self, kind: str, folder: Path) -> str:
        if kind == POSTGRESQL and self._emptied:
            url = self._emptied.pop()
        else:
            url = self._closing.enter_context(new_server_database(self.url(kind), kind))
        with (
            Installation(folder / "prepared", url).application() as application,
            application.container.get("connection").read(),
        ):
            pass  # the first use makes the tables
        self._shapes.setdefault(kind, shape_of(url))
        return url

    def _find(self, kind: str) -> str | None:
        found = answering_server(kind)
        return self._own_postgres() if found is None and kind == POSTGRESQL else found

    def _own_postgres(self) -> str | None:
        """One server for all processes of the test run."""
        if not postgres_server.is_available():
            return None
        with (self._shared / "postgres-url").open("a+") as note:
            fcntl.flock(note, fcntl.LOCK_EX)
            note.seek(0)
            url = note.read()
            if not url:
                server = PostgresServer(self._owner)
                server.start()
                url = server.url
                note.write(url)
                note.flush()
        return url


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The database servers of this test run."""
    folder = tmp_path_factory.getbasetemp()
    with ExitStack() as closing:
        if (
            "PYTEST_XDIST_WORKER" in os.environ
        ):  # one of several processes, each with a folder of its own in a shared one
            yield Servers(folder.parent, os.getppid(), closing)
        else:
            yield Servers(folder, os.getpid(), closing)


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database: `sqlite`, `postgresql`, `mariadb`."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of each kind in turn; it is dropped afterwards."""
    with servers.new_database(database_kind, tmp_path) as url:
        yield url


def answering_server(kind: str) -> str | None:
    """The server that the environment names, which then has to answer, else a usual one that answers, or None."""
    named = os.environ.get(_VARIABLES[kind])
    if named:
        administer(make_url(named), "SELECT 1")
        return named
    return next((url for url in _USUAL[kind] if _answers(url)), None)


@contextmanager
def new_server_database(server: URL, kind: str, *, is_for_tests: bool = True) -> Iterator[str]:
    """The address of an empty database on a server; it is dropped afterwards."""
    database = create_database(server)
    if kind == POSTGRESQL and is_for_tests:
        # Nobody needs the rows after a loss of power, and a commit need not wait for the disk.
        administer(server, f"ALTER DATABASE {database.database} SET synchronous_commit = off")
    try:
        yield database.render_as_string(hide_password=False)
    finally:
        drop_database(server, database)


def create_database(server: URL, prefix: str = "pyatro_test") -> URL:
    """A new empty database on a server, which stays."""
    database = server.set(database=f"{prefix}_{secrets.token_hex(6)}")
    administer(server, f"CREATE DATABASE {database.database}")
    return database


def drop_database(server: URL, database: URL) -> None:
    """Takes it away, whoever is connected."""
    force = " WITH (FORCE)" if server.get_backend_name() == POSTGRESQL else ""
    administer(server, f"DROP DATABASE {database.database}{force}")


def empty_postgres(database: URL) -> None:
    """End all other connections to a database, and take everything out of it."""
    end_other_connections(database)
    administer(database, "DROP SCHEMA public CASCADE")
    administer(database, "CREATE SCHEMA public")


def end_other_connections(database: URL) -> None:
    """Of a PostgreSQL database."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    administer(database, f"SELECT pg_terminate_backend(pid) {others}")


def shape_of(url: str) -> Shape:
    """The columns and indexes in a database, and what the installation remembers of it."""
    is_postgres = make_url(url).get_backend_name() == POSTGRESQL
    schema = "current_schema()" if is_postgres else "database()"
    indexes = (
        f"SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = {schema}"
        if is_postgres
        else "SELECT table_name, index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics "
        f"WHERE table_schema = {schema}"
    )
    columns = (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
        f"FROM information_schema.columns WHERE table_schema = {schema}"
    )
    with connected(make_url(url)) as connection:
        found = [set(map(tuple, connection.exec_driver_sql(each))) for each in (columns, indexes)]
        for table in sorted({row[0] for row in found[0]}.intersection(_REMEMBERED)):
            found.append(set(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {table}"))))
        return found


def delete_rows(url: str) -> None:
    """All but what the installation remembers of the database."""
    with connected(make_url(url)) as connection, connection.execution_options(isolation_level="READ COMMITTED").begin():
        quote = connection.dialect.identifier_preparer.quote
        for table in inspect(connection).get_table_names():
            if table not in _REMEMBERED:
                connection.exec_driver_sql(f"DELETE FROM {quote(table)}")


def _answers(url: str) -> bool:
    try:
        administer(make_url(url), "SELECT 1")
    except (SQLAlchemyError, ModuleNotFoundError):
        return False
    return True


def administer(server: URL, statement: str) -> None:
    """Run a statement that belongs to no transaction."""
    with connected(server) as connection:
        connection.exec_driver_sql(statement)


@contextmanager
def connected(server: URL) -> Iterator[Connection]:
    """A connection that commits each statement."""
    options: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS}
    if "unix_socket" in server.query:
        options["ssl_disabled"] = True  # PyMySQL would load all certificates: 25 ms a connection
    engine = create_engine(server, isolation_level="AUTOCOMMIT", connect_args=options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
