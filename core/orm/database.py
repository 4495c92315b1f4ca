"""The connection to the database: short reads, and writing transactions that take turns."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from operator import methodcaller
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from core import clock
from core.exceptions import ConfigurationError, DatabaseError
from core.orm.constraints import database_error, is_busy
from core.orm.prepared_statement import PreparedStatement
from core.orm.write_turn import WriteTurn

#: What reading and writing raise when the database is away, full, or locked by others.
DATABASE_ERRORS = (DatabaseError, SQLAlchemyError)

# How long the driver waits in one go: no signal reaches a process meanwhile.
_BUSY_SECONDS = 5.0
# Bare SQL may store what is no UTF-8: it is shown by its bytes (`\\xff`), and every other row can be read.
_AS_TEXT = methodcaller("decode", "utf-8", "backslashreplace")


class _Transaction:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.after_commit: list[Callable[[], None]] = []


class Database:
    """One database, for any number of threads.

    Reads see the last committed state and never wait for a writer. Writing transactions take turns with those of all
    other processes; `transaction()` inside `transaction()` is a savepoint. What the database refuses is a
    DatabaseError; a constraint's refusal stays SQLAlchemy's IntegrityError, for who knows the entity.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL", lock_timeout_seconds: float = 60) -> None:
        try:
            self._url = make_url(url)
        except ArgumentError as error:
            raise ConfigurationError(f"database.url in data/config.py is not a database address: {url!r}") from error
        if self._url.get_backend_name() != "sqlite" or not self._url.database or self._url.database == ":memory:":
            raise ConfigurationError(
                f"database.url in data/config.py names {self._url.render_as_string()!r}; "
                "this version runs on a SQLite file: sqlite:////path/to/file.sqlite"
            )
        self._synchronous = synchronous
        #: How long a writer without a turn (a person in the sqlite3 shell) is waited for; to be set before first use.
        self.busy_seconds = lock_timeout_seconds
        self.path = Path(self._url.database)
        self.turn = WriteTurn(self.path.with_name(self.path.name + ".turn"), lock_timeout_seconds)
        self._local = threading.local()
        self._is_prepared = False
        self._is_preparing = False
        self._preparing = threading.RLock()
        self._is_current: Callable[[Connection], bool] | None = None
        self._prepare: Callable[[Connection], None] | None = None
        _forget_after_fork(self)

    def on_first_use(self, is_current: Callable[[Connection], bool], prepare: Callable[[Connection], None]) -> None:
        """Before this process's first read or write `prepare` runs in a transaction, unless `is_current`."""
        self._is_current, self._prepare = is_current, prepare
        self._is_prepared = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for a short read; inside `transaction()` it is the transaction's own."""
        transaction = self._current
        if transaction is not None:
            yield transaction.connection
            return
        with self.snapshot() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees what is committed now, also inside a transaction of this thread."""
        self._ensure_prepared()
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise self._refusal(error) from error

    @contextmanager
    def write(self, *, turn_held: bool = False) -> Iterator[Connection]:
        """A writing transaction: commits at the end, rolls back on an exception; inside `transaction()` it joins that.

        `turn_held` says that the caller took `self.turn` already; it is given back here all the same.
        Raises DatabaseBusy where the turn does not come in time.
        """
        transaction = self._current
        if transaction is not None:
            yield transaction.connection
            return
        if not turn_held:
            self._ensure_prepared()
            self.turn.acquire()
        transaction = self._begin()
        try:
            yield transaction.connection
            transaction.connection.commit()
            self._end(transaction)
        except BaseException as error:
            self._end(transaction, drop_writer=True)
            if isinstance(error, DBAPIError):
                raise self._refusal(error) from error
            raise
        for callback in transaction.after_commit:
            callback()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Like `write`, but a nested one is a savepoint that can roll back alone."""
        outer = self._current
        if outer is None:
            with self.write() as connection:
                yield connection
            return
        registered = len(outer.after_commit)
        try:
            with outer.connection.begin_nested():
                yield outer.connection
        except BaseException:
            del outer.after_commit[registered:]
            raise

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a writing transaction open."""
        return self._current is not None

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call when the outermost transaction has committed, at once if none is open; never after a rollback."""
        transaction = self._current
        if transaction is None:
            callback()
        else:
            transaction.after_commit.append(callback)

    def roll_back(self) -> bool:
        """End a transaction that this thread left open, if there is one; says whether there was."""
        transaction = self._current
        if transaction is None:
            return False
        self._end(transaction, drop_writer=True)
        return True

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self.roll_back()
        self._drop_writer()
        if "engine" in self.__dict__:
            self.engine.dispose()
            del self.engine
        self.turn.close()
        self._is_prepared = False

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, made at first use."""
        self._prepare_file()
        engine = create_engine(self._url)
        event.listen(engine, "connect", self._on_connect)
        return engine

    @cached_property
    def _begin_immediate(self) -> PreparedStatement:
        return PreparedStatement(text("BEGIN IMMEDIATE"), self.engine.dialect)

    @property
    def _current(self) -> _Transaction | None:
        return getattr(self._local, "transaction", None)

    def _begin(self) -> _Transaction:
        # Each thread keeps the connection that it writes through: taking one out of the pool costs as much as a write.
        try:
            connection: Connection | None = getattr(self._local, "writer", None)
            if connection is None:
                connection = self._local.writer = self.engine.connect()
            self._lock(connection)
        except BaseException as error:
            self._drop_writer()
            self.turn.release()
            if isinstance(error, DBAPIError):
                raise self._refusal(error) from error
            raise
        transaction = self._local.transaction = _Transaction(connection)
        return transaction

    def _lock(self, connection: Connection) -> None:
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

    def _refusal(self, error: DBAPIError) -> Exception:
        return error if isinstance(error, IntegrityError) else database_error(self.path, error)

    def _end(self, transaction: _Transaction, *, drop_writer: bool = False) -> None:
        # One that `roll_back` ended before has nothing left that were its own.
        if self._current is transaction:
            self._local.transaction = None
            if drop_writer:
                self._drop_writer()
            self.turn.release()

    def _drop_writer(self) -> None:
        """Roll back and close this thread's writing connection."""
        connection: Connection | None = getattr(self._local, "writer", None)
        if connection is not None:
            self._local.writer = None
            connection.close()

    def _ensure_prepared(self) -> None:
        if self._is_prepared:
            return
        with self._preparing:
            self._prepare_once()

    def _prepare_once(self) -> None:
        # What prepares reads and writes through this object as well, in the same thread.
        if self._is_preparing or self._is_prepared or self._prepare is None or self._is_current is None:
            return
        self._is_preparing = True
        try:
            with self.read() as connection:
                is_current = self._is_current(connection)
            if not is_current:
                with self.write() as connection:
                    self._prepare(connection)
            self._is_prepared = True
        finally:
            self._is_preparing = False

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
            raise DatabaseError(
                f"The database file {self.path} cannot be opened: {error}. "
                "Does the file belong to another user, or is the disk full?"
            ) from error

    def _on_connect(self, connection: sqlite3.Connection, _record: Any) -> None:
        # The driver begins nothing by itself: a read sees the last committed state, a write says BEGIN (see _begin).
        connection.isolation_level = None
        connection.text_factory = _AS_TEXT
        connection.execute(f"PRAGMA busy_timeout={int(min(self.busy_seconds, _BUSY_SECONDS) * 1000)}")
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")


@contextmanager
def open_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection of its own, closed at the end."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _forget_after_fork(database: Database) -> None:
    """A forked child must not touch the parent's connections, not even to close them: it opens its own."""
    reference = weakref.ref(database)

    def forget() -> None:
        inherited = reference()
        if inherited is None:
            return
        kept: list[Any] = [inherited._local]
        inherited._local = threading.local()
        if "engine" in inherited.__dict__:
            kept.append(inherited.engine.pool)
            inherited.engine.dispose(close=False)
        _NEVER_CLOSED.extend(kept)

    os.register_at_fork(after_in_child=forget)


# What is referred to is not collected, and so not closed.
_NEVER_CLOSED: list[Any] = []
