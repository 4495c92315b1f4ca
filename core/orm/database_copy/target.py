"""The database that is copied into."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Table, inspect, make_url

from core.exceptions import ConfigurationError, DatabaseError
from core.orm.database import Database
from core.orm.database_copy.table_rows import TableRows
from core.orm.schema import Schema
from core.orm.schema_state import read_state, write_state

# What the target remembers until the copy is whole: which database it is a copy of.
_COPY_OF = "copy.of"


class Target:
    """A database that takes a copy, and remembers of which one until all of it is there; to be closed.

    `schema` has its tables as it is to have them. Making it opens no connection.
    """

    def __init__(self, address: str, schema: Schema, busy_seconds: float) -> None:
        self.database = Database(address, lock_timeout_seconds=busy_seconds)
        self._identity = _identity(address)
        self._schema = schema

    def close(self) -> None:
        """Close its connections."""
        self.database.close()

    def tables(self) -> list[Table]:
        """The tables that are copied."""
        return self._schema.tables()

    def prepare(self, source: str, state: Mapping[str, str]) -> None:
        """Make the tables, and begin the copy or go on with it.

        `source` is the address that is copied, and `state` what that database remembers. Raises DatabaseError where the
        target is the source, or has rows already and is no interrupted copy of it.
        """
        copied = _identity(source)
        if copied == self._identity:
            raise DatabaseError(f"{self.database.place} is the very database that is to be copied. Name another one.")
        with _named_on_the_command_line(), self.database.write_alone() as connection:
            self._refuse_others(connection, copied)
            write_state(connection, {**state, _COPY_OF: copied})
            self._schema.ensure(connection)  # it puts the target's own state in the place of the source's

    def finish(self) -> None:
        """The copy is whole: what is done with the database from now on is its own affair."""
        with self.database.write() as connection:
            write_state(connection, {_COPY_OF: None})

    def _refuse_others(self, connection: Connection, copied: str) -> None:
        begun = read_state(connection, [_COPY_OF]).get(_COPY_OF)
        if begun == copied:
            return
        if begun is not None:
            raise DatabaseError(
                f"{self.database.place} has a part of a copy of another database. Empty it, or name another one."
            )
        there = set(inspect(connection).get_table_names())
        for table in self.tables():
            if table.name in there and not TableRows(table, connection.dialect).is_empty(connection):
                raise DatabaseError(
                    f"{self.database.place} is in use: its table {table.name} has rows. A copy needs a database "
                    "without any: empty it, or name another one."
                )


def _identity(address: str) -> str:
    """Tells a database from others as long as it stays where it is, whoever asks."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        where = ["sqlite", socket.gethostname(), str(Path(url.database or "").resolve())]
    else:
        sockets = [str(url.query.get(name)) for name in ("host", "unix_socket", "port")]
        where = [url.get_backend_name(), str(url.host), str(url.port), str(url.database), *sockets]
    return sha256(repr(where).encode()).hexdigest()


@contextmanager
def _named_on_the_command_line() -> Iterator[None]:
    """Errors of a first contact say where to look."""
    try:
        yield
    except (ConfigurationError, DatabaseError) as error:
        raise type(error)(str(error).replace("data/config.py", "the address given")) from error
