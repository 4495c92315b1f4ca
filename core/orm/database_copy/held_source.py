"""Reading a database while nobody else can write to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from operator import methodcaller
from typing import Any

from sqlalchemy import Connection

from core.orm.database import Database

# Bytes that are no UTF-8 become characters that no text has, so that nothing is lost, and `ExactValues` finds them.
_AS_TEXT = methodcaller("decode", "utf-8", "surrogateescape")


@contextmanager
def held(database: Database, tables: Collection[str]) -> Iterator[Connection]:
    """A connection that reads the tables, while nobody can change them.

    On SQLite it has the turn to write, and the file's lock against those who take no turns. Raises DatabaseBusy where
    others do not stop writing.
    """
    with database.write_alone() as connection:
        quote = connection.dialect.identifier_preparer.quote
        names = [quote(name) for name in sorted(tables)]
        with _HOLDS[connection.dialect.name](connection, names):
            yield connection


@contextmanager
def _of_sqlite(connection: Connection, _names: list[str]) -> Iterator[None]:
    driver: Any = connection.connection.dbapi_connection
    former, driver.text_factory = driver.text_factory, _AS_TEXT
    try:
        yield
    finally:
        driver.text_factory = former


@contextmanager
def _of_postgresql(connection: Connection, names: list[str]) -> Iterator[None]:
    # The transaction lasts as long as the copy, and rests while the target works.
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL datestyle = 'ISO'")  # moments are read as texts, see `TableRows`
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(names)} IN SHARE MODE")
    yield


@contextmanager
def _of_mariadb(connection: Connection, names: list[str]) -> Iterator[None]:
    # Ends the transaction: the lock is the session's, and what is read under it stays as it is.
    connection.exec_driver_sql("LOCK TABLES " + ", ".join(f"{name} READ" for name in names))
    try:
        yield
    finally:
        connection.exec_driver_sql("UNLOCK TABLES")


_HOLDS: dict[str, Callable[[Connection, list[str]], AbstractContextManager[None]]] = {
    "sqlite": _of_sqlite,
    "postgresql": _of_postgresql,
    "mariadb": _of_mariadb,
}
