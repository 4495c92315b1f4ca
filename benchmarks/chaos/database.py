"""The database of a chaos run: a file, or a server that the run itself started and may kill."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import make_url

from tests import mariadb_server
from tests.databases import administer
from tests.mariadb_server import MariaDBServer
from tests.postgres_server import PostgresServer

KINDS = ("sqlite", "postgres", "mariadb")
_NAME = "pyatro_test_chaos"


class Server(Protocol):
    """A server of our own."""

    @property
    def url(self) -> str:
        """Its address."""

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def stop(self) -> None:
        """Stop it in order."""

    def kill(self) -> None:
        """kill -9."""

    def remove(self) -> None:
        """End it, and take its data away."""


@contextmanager
def database(kind: str) -> Iterator[tuple[str | None, Server | None]]:
    """The address of an empty database and its server; both are None for SQLite."""
    if kind == "sqlite":
        yield None, None
        return
    if kind == "mariadb" and not mariadb_server.is_available():
        raise SystemExit("mariadbd and mariadb-install-db are not installed; nothing was tried.")
    server: Server = MariaDBServer(os.getpid()) if kind == "mariadb" else PostgresServer(os.getpid(), is_durable=True)
    try:
        server.start()
        address = make_url(server.url)
        administer(address, f"CREATE DATABASE {_NAME}")
        yield address.set(database=_NAME).render_as_string(hide_password=False), server
    finally:
        server.remove()
