"""PostgreSQL, by psycopg."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from core.exceptions import DatabaseError
from core.orm.backend import Refusal
from core.orm.backends.server import Server, Trouble
from core.orm.batch import Batch, DirectBatch, driver_error

_OLDEST = 150000
#: By SQLSTATE, or its first two characters: see the manual's appendix "Error Codes".
_TROUBLES = {
    "08": Trouble.LOST,
    "57P01": Trouble.LOST,
    "57P02": Trouble.LOST,
    "57P05": Trouble.LOST,
    "57P03": Trouble.AWAY,
    "57014": Trouble.STOPPED,
    "53300": Trouble.CROWDED,
    "28": Trouble.PASSWORD,
    "3D000": Trouble.MISSING,
    "55P03": Trouble.BUSY,
    "40001": Trouble.DEADLOCK,
    "40P01": Trouble.DEADLOCK,
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "42501": Trouble.RIGHTS,
}
# psycopg's IsolationLevel, which only who uses PostgreSQL can import.
_READ_COMMITTED = 2
_NAMES = "names of prepared statements"
# A refused connection has no SQLSTATE, only words, in the server's language.
_WORDS = (
    (re.compile(r"authentication|no password supplied|role .* does not exist|pg_hba\.conf"), Trouble.PASSWORD),
    (re.compile(r"database .* does not exist"), Trouble.MISSING),
    (re.compile(r"too many (clients|connections)|connection slots"), Trouble.CROWDED),
    (re.compile(r"^failed to resolve host"), Trouble.AWAY),  # the driver's own words
)
_KINDS = {"23505": "UNIQUE", "23502": "NOT NULL"}
# Any number that no other program uses; it counts in this database only.
_LOCK_NUMBER = 7_263_847_261


class PostgreSQL(Server):
    """PostgreSQL 15 or newer."""

    title = "PostgreSQL"
    extra = "postgres"
    port = 5432
    beginning = "BEGIN ISOLATION LEVEL READ COMMITTED"

    def __init__(self, url: URL, lock_timeout_seconds: float) -> None:
        super().__init__(url, lock_timeout_seconds)
        self.news = _Notifications(self)

    def make_engine(self) -> Engine:
        """See `Server.make_engine`."""
        engine = super().make_engine()
        event.listen(engine, "checkin", _end_late_transactions)
        event.listen(engine, "rollback", _forget_names)
        event.listen(engine, "rollback_savepoint", lambda connection, _name, _context: _forget_names(connection))
        return engine

    def begin(self, connection: Connection) -> None:
        """See `Backend.begin`."""
        if not self.sends_together:
            super().begin(connection)
            return
        connection.begin()
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = False  # the driver itself sends BEGIN, with the first statement

    @contextmanager
    def together(self, connection: Connection) -> Iterator[Batch]:
        """See `Backend.together`."""
        if not self.sends_together:
            yield DirectBatch(connection)
            return
        from core.orm.backends.pipeline import PipelinedBatch, PreparedNames  # only who has the driver can load it

        driver: Any = connection.connection.dbapi_connection
        names = connection.info.get(_NAMES)
        if names is None:
            names = connection.info[_NAMES] = PreparedNames(driver.info.encoding)
        batch = PipelinedBatch(driver, self.beginning, names)
        try:
            yield batch
            batch.run()
        except connection.dialect.loaded_dbapi.Error as error:
            raise driver_error(connection, error, "several statements at once") from error

    def check_whole(self, connection: Connection) -> None:
        """PostgreSQL would answer a COMMIT after a failed statement with a rollback, and no error."""
        driver: Any = connection.connection.dbapi_connection
        if driver.info.transaction_status.name == "INERROR":
            raise DatabaseError(
                f"Nothing was saved: a statement of this transaction failed on the database {self.place}, and the "
                "error was not passed on. What may fail belongs in a transaction() of its own inside the other one."
            )

    @contextmanager
    def alone(self, connection: Connection) -> Iterator[None]:
        """See `Backend.alone`; until the end of the transaction."""
        if self.statement_seconds:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
        yield

    def trouble(self, error: DBAPIError) -> Trouble:
        """See `Server.trouble`."""
        state = getattr(error.orig, "sqlstate", None)
        if state is not None:
            return _TROUBLES.get(state) or _TROUBLES.get(state[:2]) or Trouble.OTHER
        words = str(error.orig)
        for pattern, trouble in _WORDS:
            if pattern.search(words):
                return trouble
        # The driver keeps what it could not connect with.
        if getattr(error.orig, "pgconn", None) is not None or type(error.orig).__name__ == "ConnectionTimeout":
            return Trouble.AWAY
        return Trouble.LOST if error.connection_invalidated else Trouble.OTHER

    def text(self, error: DBAPIError) -> str:
        """See `Server.text`."""
        primary = getattr(getattr(error.orig, "diag", None), "message_primary", None)
        return (str(primary or error.orig).strip().splitlines() or ["no reason is given"])[0]

    def _limit_of(self, seconds: float) -> str:
        return f"SET statement_timeout = {math.ceil(seconds * 1000)}"

    def _descriptor(self, connection: Any) -> int | None:
        return None if connection.closed else int(connection.fileno())

    def _connect_arguments(self) -> dict[str, Any]:
        given = self._url.query
        arguments = {
            "client_encoding": "utf8",
            "connect_timeout": self._connect_seconds,
            "application_name": "pyatro",
            # A server that vanished without a word is noticed within half a minute.
            "keepalives_idle": 30,
            "tcp_user_timeout": 30_000,
        }
        return {name: value for name, value in arguments.items() if name not in given}

    def _on_connect(self, connection: Any, _record: Any) -> None:
        if connection.info.server_version < _OLDEST:
            version = connection.info.server_version // 10_000
            raise DatabaseError(f"The database {self.place} is version {version}; PyAtro needs PostgreSQL 15 or newer.")
        connection.isolation_level = _READ_COMMITTED
        milliseconds = max(1, int(self.busy_seconds * 1000))
        connection.execute(
            f"SET TIME ZONE 'UTC'; SET lock_timeout = {milliseconds}; SET standard_conforming_strings = on"
        )


def _forget_names(connection: Connection) -> None:
    # After a ROLLBACK the driver has the server drop all that is prepared, ours as well. Outside of a transaction it
    # sends none, though SQLAlchemy asks for one at the end of each use.
    if connection.invalidated or connection.closed:
        return
    driver: Any = connection.connection.dbapi_connection
    names = connection.info.get(_NAMES)
    if names is not None and driver.info.transaction_status.name != "IDLE":
        names.forget()


def _end_late_transactions(connection: Any, _record: Any) -> None:
    if connection is not None and not connection.autocommit:
        connection.autocommit = True


class _Notifications:
    """LISTEN and NOTIFY."""

    def __init__(self, backend: PostgreSQL) -> None:
        self._backend = backend

    def notify(self, connection: Connection, channel: str) -> None:
        """See `NewsService.notify`."""
        connection.exec_driver_sql(f"NOTIFY {channel}")

    def listen(self, engine: Engine, channel: str) -> _Listener:
        """See `NewsService.listen`."""
        connection = engine.connect()
        try:
            connection.exec_driver_sql(f"LISTEN {channel}")
            connection.detach()
        except BaseException:
            connection.close()
            raise
        return _Listener(connection, self._backend)


class _Listener:
    def __init__(self, connection: Connection, backend: PostgreSQL) -> None:
        self._connection = connection
        self._backend = backend
        self._libpq: Any = connection.connection.dbapi_connection.pgconn  # type: ignore[union-attr]  # it is open
        # libpq closes its own when the connection is lost; who waits on it has to let go of it first.
        self._descriptor = os.dup(self._libpq.socket)

    def fileno(self) -> int:
        """See `News.fileno`."""
        return self._descriptor

    def drain(self) -> None:
        """See `News.drain`."""
        from psycopg import OperationalError as DriverError  # only who uses PostgreSQL has the driver

        try:
            self._libpq.consume_input()
        except DriverError as error:
            lost = OperationalError("LISTEN", None, error, connection_invalidated=True)
            raise self._backend.refusal(lost) from error
        while self._libpq.notifies() is not None:
            pass

    def close(self) -> None:
        """See `News.close`."""
        os.close(self._descriptor)
        with suppress(DBAPIError):  # it may be gone
            self._connection.close()


def refused_constraint(error: BaseException) -> Refusal | None:
    """Which constraint the driver's error speaks of."""
    kind = _KINDS.get(getattr(error, "sqlstate", None) or "")
    diag = getattr(error, "diag", None)
    if kind is None or diag is None:
        return None
    columns = (diag.column_name,) if diag.column_name else ()
    return Refusal(kind, columns, diag.constraint_name)
