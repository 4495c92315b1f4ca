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

# What the target remembers: which database it is a copy of, and that all of it has come.
_COPY_OF, _IS_WHOLE = "copy.of", "copy.whole"


class Target:
    """A database that takes a copy, and remembers of which one; to be closed.

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

    def prepare(self, source: str, state: Mapping[str, str]) -> bool:
        """Make the tables, and begin the copy or go on with it; answers whether all of it has come before.

        `source` is the address that is copied, and `state` what that database remembers. Raises DatabaseError where the
        target is the source, or has rows already and is no copy of it.
        """
        copied = _identity(source)
        if copied == self._identity:
            raise DatabaseError(f"{self.database.place} is the very database that is to be copied. Name another one.")
        with _named_on_the_command_line(), self.database.write_alone() as connection:
            known = read_state(connection, (_COPY_OF, _IS_WHOLE))
            filled = self._filled_table(connection)
            is_whole = filled is not None and known == {_COPY_OF: copied, _IS_WHOLE: copied}
            if not is_whole:
                self._refuse_rows(filled, known, copied)
                write_state(connection, {**state, _COPY_OF: copied, _IS_WHOLE: None})
            self._schema.ensure(connection)  # it puts the target's own state in the place of the source's
        return is_whole

    def finish(self, source: str) -> None:
        """The copy is whole: from now on rows are compared only, as the database may be in use."""
        with self.database.write() as connection:
            write_state(connection, {_IS_WHOLE: _identity(source)})

    def _refuse_rows(self, filled: str | None, known: Mapping[str, str], copied: str) -> None:
        """Only rows of this very copy may be there."""
        if filled is None or known == {_COPY_OF: copied}:
            return
        if _COPY_OF in known and _IS_WHOLE not in known:
            what = "has a part of a copy of another database"
        else:
            what = f"is in use: its table {filled} has rows. A copy needs a database without any"
        raise DatabaseError(f"{self.database.place} {what}. Empty it, or name another one.")

    def _filled_table(self, connection: Connection) -> str | None:
        there = set(inspect(connection).get_table_names())
        tables = (table for table in self.tables() if table.name in there)
        return next(
            (each.name for each in tables if not TableRows(each, connection.dialect).is_empty(connection)), None
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
