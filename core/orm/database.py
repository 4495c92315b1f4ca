"""The connection to the database: short reads, and writing transactions."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from core.exceptions import DatabaseError, DatabaseUnavailable
from core.orm.backend import News, Turn
from core.orm.backends import make_backend
from core.orm.batch import Batch
from core.orm.open_transaction import EVERYTHING, OpenTransaction
from core.orm.patience import Patience

#: What reading and writing raise when the database is away, full, or locked by others.
DATABASE_ERRORS = (DatabaseError, SQLAlchemyError)


class Database:
    """One database, for any number of threads.

    Reads see the last committed state and never wait for a writer. On SQLite writing transactions take turns with
    those of all other processes; `transaction()` inside `transaction()` is a savepoint. What the database refuses is a
    DatabaseError; a constraint's refusal stays SQLAlchemy's IntegrityError, for who knows the entity.

    A server that goes away is waited for, `reconnect_seconds` at most, where nothing was half done: by a read outside
    of transactions, and at the beginning of one.
    """

    def __init__(
        self, url: str, *, synchronous: str = "FULL", lock_timeout_seconds: float = 60, reconnect_seconds: float = 30
    ) -> None:
        self._backend = make_backend(url, synchronous=synchronous, lock_timeout_seconds=lock_timeout_seconds)
        self._patience = Patience(self._backend.is_away, reconnect_seconds)
        self._local = threading.local()
        self._has_connected = False
        self._is_prepared = False
        self._is_preparing = False
        self._keeps_reader = False
        self._preparing = threading.RLock()
        self._is_current: Callable[[Connection], bool] | None = None
        self._prepare: Callable[[Connection], None] | None = None
        _forget_after_fork(self)

    @property
    def turn(self) -> Turn:
        """The right to write."""
        return self._backend.turn

    @property
    def is_to_be_made(self) -> bool:
        """Whether the first use makes the database: a file that is not there."""
        path = getattr(self._backend, "path", None)
        return path is not None and not path.exists()

    @property
    def place(self) -> str:
        """The database as messages name it, with no password in it."""
        return self._backend.place

    def be_hasty(self, busy_seconds: float, *, turn_seconds: float | None = None) -> None:
        """For one who comes back by itself: wait no longer for locks of others, nor for a server that went away.

        `turn_seconds` is the same for the turn. To be called before first use.
        """
        if turn_seconds is not None:
            self.turn.wait_at_most(turn_seconds)
        self._backend.busy_seconds = busy_seconds
        self._backend.sends_together = True
        self._patience.seconds = 0
        self._keeps_reader = self._backend.keeps_writers

    def limit_statements(self, seconds: float) -> None:
        """From now on a statement that takes more than so many seconds is stopped: a QueryTimeout; 0 is no limit.

        For who carries out what others ask for. On SQLite only what reads is stopped. `write_alone` is not limited.
        """
        if seconds == self._backend.statement_seconds:
            return
        self._backend.statement_seconds = seconds
        if "engine" in self.__dict__:
            self.engine.dispose()  # connections learn it when they are opened; those in use are closed after it

    def expect_server(self) -> None:
        """Wait for a server that is away even at first use, as others have reached it."""
        self._patience.is_expected = True

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
            with self._reader() as connection:
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
            self._backend.check_whole(transaction.connection)
            transaction.is_committing = True
            self._backend.commit(transaction.connection, transaction.last)
            self._end(transaction)
        except BaseException as error:
            self._end(transaction, drop_writer=True)
            transaction.forget_since(EVERYTHING)
            if isinstance(error, DBAPIError):
                raise self._refusal(error, is_commit=transaction.is_committing) from error
            raise
        for callback in transaction.after_commit:
            callback()

    @contextmanager
    def write_alone(self) -> Iterator[Connection]:
        """A writing transaction in which no other process prepares or changes tables. Nothing is prepared before it."""
        with self._preparing:
            is_preparing, self._is_preparing = self._is_preparing, True
            try:
                with self.write() as connection, self._backend.alone(connection):
                    yield connection
            finally:
                self._is_preparing = is_preparing

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Like `write`, but a nested one is a savepoint that can roll back alone."""
        outer = self._current
        if outer is None:
            with self.write() as connection:
                yield connection
            return
        mark = outer.mark
        try:
            with outer.connection.begin_nested():
                yield outer.connection
        except BaseException:
            outer.forget_since(mark)
            raise

    def together(self, connection: Connection) -> AbstractContextManager[Batch]:
        """In a transaction: what is sent by the batch is one exchange with a server that can do that.

        What it refuses is raised at the end.
        """
        return self._backend.together(connection)

    def with_commit(self, send: Callable[[Batch], object]) -> None:
        """Call in the open transaction just before it commits: what is sent by the batch goes with the COMMIT."""
        transaction = self._current
        if transaction is None:
            raise RuntimeError("No transaction is open.")
        transaction.last.append(send)

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

    def after_rollback(self, callback: Callable[[], None]) -> None:
        """Call if what is written in the open transaction does not stay, the last registered first."""
        transaction = self._current
        if transaction is not None:
            transaction.after_rollback.append(callback)

    def notify(self, channel: str) -> None:
        """Wake those who `listen`, where the database can; inside a transaction when it commits. Never waits."""
        news, transaction = self._backend.news, self._current
        if news is None:
            return
        if transaction is not None:
            news.notify(transaction.connection, channel)
            return
        with suppress(*DATABASE_ERRORS), self.engine.connect() as connection:
            news.notify(connection, channel)

    def listen(self, channel: str) -> News | None:
        """Hear when somebody calls `notify`, on a connection of its own; None where the database wakes nobody."""
        if self._backend.news is None:
            return None
        try:
            return self._backend.news.listen(self.engine, channel)
        except DBAPIError as error:
            raise self._refusal(error) from error

    def roll_back(self) -> bool:
        """End a transaction that this thread left open, if there is one; says whether there was."""
        transaction = self._current
        if transaction is None:
            return False
        self._end(transaction, drop_writer=True)
        transaction.forget_since(EVERYTHING)
        return True

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self.roll_back()
        self._drop_writer()
        self._drop_reader()
        if "engine" in self.__dict__:
            self.engine.dispose()
            del self.engine
        self.turn.close()
        self._is_prepared = False

    @cached_property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, made at first use."""
        engine = self._backend.make_engine()
        event.listen(engine, "connect", self._on_connect)
        return engine

    def _on_connect(self, _driver_connection: Any, _record: Any) -> None:
        self._has_connected = self._patience.is_expected = True

    @property
    def _current(self) -> OpenTransaction | None:
        return getattr(self._local, "transaction", None)

    def _begin(self) -> OpenTransaction:
        try:
            connection = self._patience(self._begun_writer)
        except BaseException as error:
            self._drop_writer()
            self.turn.release()
            if isinstance(error, DBAPIError):
                raise self._refusal(error) from error
            raise
        transaction = self._local.transaction = OpenTransaction(connection)
        return transaction

    def _begun_writer(self) -> Connection:
        self._follow()
        connection = self._writer()
        try:
            self._backend.begin(connection)
        except BaseException:
            self._drop_writer()
            raise
        return connection

    def _writer(self) -> Connection:
        # On a file each thread keeps the connection that it writes through: taking one out of the pool costs as much as
        # a write. A server has to keep a process for each connection.
        connection: Connection | None = getattr(self._local, "writer", None)
        if connection is None:
            connection = self._local.writer = self.engine.connect()
        return connection

    def _refusal(self, error: DBAPIError, *, is_commit: bool = False) -> Exception:
        if isinstance(error, IntegrityError):
            return error
        if is_commit and self._backend.is_away(error):
            return DatabaseUnavailable(
                f"The database {self.place} was lost while a transaction was committed: whether it was saved is not "
                f"known. Look before doing it again. ({error.orig})"
            )
        return self._backend.refusal(error)

    def _end(self, transaction: OpenTransaction, *, drop_writer: bool = False) -> None:
        # One that `roll_back` ended before has nothing left that were its own.
        if self._current is transaction:
            self._local.transaction = None
            if drop_writer or not self._backend.keeps_writers:
                self._drop_writer()
            self.turn.release()

    def _drop_writer(self) -> None:
        """Roll back and close this thread's writing connection."""
        connection: Connection | None = getattr(self._local, "writer", None)
        if connection is not None:
            self._local.writer = None
            with suppress(DBAPIError):  # its server may be gone: then there is nothing to roll back
                connection.close()

    def _reader(self) -> AbstractContextManager[Connection]:
        return self._kept_reader() if self._keeps_reader else self._backend.reader(self.engine, self._patience)

    @contextmanager
    def _kept_reader(self) -> Iterator[Connection]:
        """A connection that stays taken out of the pool: taking it takes longer than a short read."""
        connection: Connection = getattr(self._local, "reader", None) or self.engine.connect()
        self._local.reader = None  # a read within this one sees what is committed then, and takes another
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._drop_reader()
        self._local.reader = connection

    def _drop_reader(self) -> None:
        connection: Connection | None = getattr(self._local, "reader", None)
        if connection is not None:
            self._local.reader = None
            connection.close()

    def _follow(self) -> None:
        """Open the database anew where another file was put in its place."""
        if self._backend.has_moved():
            self._drop_writer()
            self._drop_reader()
            self.engine.dispose()
            self._is_prepared = False

    def _ensure_prepared(self) -> None:
        if self._current is None:
            self._follow()
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
                with self.write() as connection, self._backend.alone(connection):
                    if not self._is_current(connection):  # somebody else may have done it meanwhile
                        self._prepare(connection)
            self._is_prepared = True
        finally:
            self._is_preparing = False


def _forget_after_fork(database: Database) -> None:
    """A forked child must not touch the parent's connections, not even to close them: it opens its own."""
    reference = weakref.ref(database)

    def forget() -> None:
        inherited = reference()
        if inherited is None:
            return
        kept: list[Any] = [inherited._local]
        inherited._local = threading.local()
        if inherited._has_connected and "engine" in inherited.__dict__:
            kept.append(inherited.engine.pool)
            inherited.engine.dispose(close=False)
        inherited._backend.abandon_connections()
        _NEVER_CLOSED.extend(kept)

    os.register_at_fork(after_in_child=forget)


# What is referred to is not collected, and so not closed.
_NEVER_CLOSED: list[Any] = []
