"""Statements of the driver's own, sent one after the other or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

#: The values of one row, by position.
Values = tuple[Any, ...]


class Sent(Protocol):
    """What was sent of one statement; the driver's cursor is one."""

    @property
    def rowcount(self) -> int:
        """How many rows matched in all; known at the end of the batch."""


class Batch(Protocol):
    """What belongs together in a transaction; see `Database.together`."""

    def send(self, sql: str, rows: Sequence[Values]) -> Sent:
        """Run a statement once for each row of values."""


class DirectBatch:
    """Runs each statement at once; raises DBAPIError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, sql: str, rows: Sequence[Values]) -> Sent:
        """See `Batch.send`."""
        # Past SQLAlchemy's execution context, which for a handful of rows takes longer than the rows.
        cursor: Any = self._connection.connection.cursor()
        try:
            if len(rows) == 1:  # for several the drivers ask the server more often, or write the statement anew
                cursor.execute(sql, rows[0])
            else:
                cursor.executemany(sql, rows)
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise driver_error(self._connection, error, sql) from error
        return cursor  # type: ignore[no-any-return]  # the driver's own


def driver_error(connection: Connection, error: Exception, sql: str) -> Exception:
    """The driver's error as SQLAlchemy's; a connection that was lost is taken out of use, as SQLAlchemy does."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]  # the driver's own
    if is_lost:
        connection.invalidate()
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, connection_invalidated=is_lost, dialect=dialect
    )
