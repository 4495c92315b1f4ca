"""SQLite: one file, one writer at a time."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from operator import methodcaller
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from core import clock
from core.exceptions import ConfigurationError, DatabaseBusy, DatabaseError, DatabaseUnavailable
from core.orm.backend import Backend, Refusal
from core.orm.patience import Patience
from core.orm.prepared_statement import PreparedStatement
from core.orm.sqlite_functions import add_functions
from core.orm.timed_sqlite import TimedConnection
from core.orm.write_turn import WriteTurn

# How long the driver waits in one go: no signal reaches a process meanwhile.
_BUSY_SECONDS = 5.0
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# The other bits of an error's code say more of the same.
_PRIMARY_CODE = 0xFF
# Bare SQL may store what is no UTF-8: it is shown by its bytes (`\\xff`), and every other row can be read.
_AS_TEXT = methodcaller("decode", "utf-8", "backslashreplace")
# "UNIQUE constraint failed: rate.currency, rate.date", or "index 'name'" where it is partial.
_REFUSAL = re.compile(r"(?P<kind>UNIQUE|NOT NULL) constraint failed: (?:index '(?P<index>.+)'|(?P<columns>.+))")


class SQLite(Backend):
    """A file. Writing transactions of all processes take turns on a lock file beside it."""

    keeps_writers = True

    def __init__(self, url: URL, lock_timeout_seconds: float, synchronous: str) -> None:
        if not url.database or url.database == ":memory:":
            raise ConfigurationError(
                f"database.url in data/config.py names {url.render_as_string()!r}, which is no file: "
                "sqlite:////path/to/file.sqlite"
            )
        self._url = url
        self._synchronous = synchronous
        self._engine: Engine | None = None
        self._opened: tuple[int, int] | None = None
        self.path = Path(url.database)
        self.place = str(self.path)
        self.turn = WriteTurn(self.path.with_name(self.path.name + ".turn"), lock_timeout_seconds)
        #: How long a writer without a turn (a person in the sqlite3 shell) is waited for.
        self.busy_seconds = lock_timeout_seconds

    def make_engine(self) -> Engine:
        """Makes the file where there is none."""
        self._prepare_file()
        self._opened = _identity_of(self.place)  # a worker that has opened nothing yet is not to make another one
        # Each thread has a connection or two: no more of them than there are threads, and none waits for another.
        engine = self._engine = create_engine(self._url, max_overflow=-1)
        event.listen(engine, "do_connect", self._choose_class)
        event.listen(engine, "connect", self._on_connect)
        self._begin_immediate = PreparedStatement(text("BEGIN IMMEDIATE"), engine.dialect)
        return engine

    def has_moved(self) -> bool:
        """See `Backend.has_moved`. SQLite itself would go on to write into a file that was removed or replaced."""
        if self._opened is None:
            return False
        try:
            now = _identity_of(self.place)
        except FileNotFoundError as error:
            raise DatabaseUnavailable(
                f"The database file {self.path} is gone. Put it back; or, to begin with an empty one, stop the job "
                "manager first (kill daemons)."
            ) from error
        if now == self._opened:
            return False
        self._opened = None
        return True

    def begin(self, connection: Connection) -> None:
        """Begin with the lock: a transaction that reads first and writes later could lose its turn in between."""
        began_at = clock.monotonic()
        connection.begin()
        while True:
            try:
                self._begin_immediate.fetch(connection)
                return
            except OperationalError as error:
                if not is_busy(error) or clock.monotonic() - began_at >= self.busy_seconds:
                    raise

    def reader(self, engine: Engine, patience: Patience) -> Connection:
        """See `Backend.reader`."""
        return engine.connect()

    def check_whole(self, connection: Connection) -> None:
        """A statement that fails does not end the transaction."""

    @contextmanager
    def alone(self, connection: Connection) -> Iterator[None]:
        """A writing transaction is alone."""
        driver: Any = connection.connection.dbapi_connection
        if not isinstance(driver, TimedConnection):
            yield
            return
        driver.seconds = 0
        try:
            yield
        finally:
            driver.seconds = self.statement_seconds

    def is_away(self, error: DBAPIError) -> bool:
        """A file goes nowhere."""
        return False

    def abandon_connections(self) -> None:
        """Nothing reaches the file unless a statement is run."""

    def refusal(self, error: DBAPIError) -> DatabaseError:
        """See `Backend.refusal`."""
        place = self.place
        if self._engine is not None and _code(error).startswith("SQLITE_READONLY"):
            # What is open would stay so when the file may be written to again.
            self._engine.dispose()
        if is_busy(error):
            return DatabaseBusy(
                f"The database {place} stayed locked for too long. Does another program, such as the sqlite3 shell, "
                "have a transaction open?"
            )
        if _code(error) == "SQLITE_INTERRUPT" and self.statement_seconds:
            return self.timeout()
        if _code(error) == "SQLITE_FULL":
            return DatabaseUnavailable(f"The disk of the database {place} is full. Make room on it, and try again.")
        if _code(error).startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")):
            return DatabaseUnavailable(
                f"The database {place} cannot be read and written: {error.orig}. Do the file and its folder belong to "
                "another user, or is the disk read-only?"
            )
        return DatabaseError(f"The database {place} refused: {error.orig}.")

    def _prepare_file(self) -> None:
        # WAL is a property of the file. Switching to it needs the file alone, so it is done once, in turn.
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open_sqlite(self.path) as connection:
                if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                    return
                held = self.turn.is_held
                if not held:
                    self.turn.acquire()
                try:
                    connection.execute("PRAGMA journal_mode=WAL")
                finally:
                    if not held:
                        self.turn.release()
        except (OSError, sqlite3.Error) as error:
            advice = "Does the file belong to another user, or is the disk full?"
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGED:
                advice = "It is damaged, or no database: stop the job manager, and put a backup in its place."
            raise DatabaseUnavailable(f"The database file {self.path} cannot be opened: {error}. {advice}") from error

    def _choose_class(self, _dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        if self.statement_seconds:
            options["factory"] = TimedConnection

    def _on_connect(self, connection: sqlite3.Connection, _record: Any) -> None:
        # The driver begins nothing by itself: a read sees the last committed state, a write says BEGIN (see begin).
        connection.isolation_level = None
        self._opened = _identity_of(self.place)
        connection.text_factory = _AS_TEXT
        connection.execute(f"PRAGMA busy_timeout={int(min(self.busy_seconds, _BUSY_SECONDS) * 1000)}")
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        add_functions(connection)
        if isinstance(connection, TimedConnection):
            connection.time_reads(self.statement_seconds)


@contextmanager
def open_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection of its own, closed at the end."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _identity_of(path: str) -> tuple[int, int]:
    stat = os.stat(path)  # noqa: PTH116 - before every read and write: half the time of Path.stat
    return stat.st_dev, stat.st_ino


def is_busy(error: DBAPIError) -> bool:
    """Whether somebody else's transaction is in the way."""
    return _code(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def refused_constraint(error: BaseException) -> Refusal | None:
    """Which constraint the driver's error speaks of."""
    found = _REFUSAL.search(str(error))
    if found is None:
        return None
    columns = tuple(each.rpartition(".")[2] for each in (found["columns"] or "").split(", ") if each)
    return Refusal(found["kind"], columns, found["index"])


def _code(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlite_errorname", None))
