"""What PostgreSQL and MariaDB have in common: a server, which may be away, and many writers."""

from __future__ import annotations

import math
import os
from abc import abstractmethod
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from core.exceptions import ConfigurationError, DatabaseBusy, DatabaseError, DatabaseUnavailable
from core.orm.backend import Backend
from core.orm.batch import Batch
from core.orm.patience import Patience
from core.orm.prepared_statement import PreparedStatement
from core.orm.read_connection import ReadConnection
from core.orm.write_turn import FreeTurn


class Trouble(Enum):
    """What is wrong, and what a person can do about it."""

    AWAY = "cannot be reached: {text}. Is the server running, and are host and port in data/config.py right?"
    LOST = "was lost in the middle of the work: {text}. What was not committed is undone; do it again."
    CROWDED = (
        "has no connection left: {text}. Let fewer processes use it (maxConcurrentWorkers), or allow it more "
        "connections (max_connections)."
    )
    PASSWORD = "does not let us in: {text}. Are user and password in data/config.py right?"
    MISSING = "does not exist: {text}. Create it, or name another one in data/config.py."
    BUSY = "kept us waiting for a lock for too long: {text}. Does somebody keep a transaction open?"
    DEADLOCK = (
        "has undone the transaction, since it and another one waited for each other, or changed the same rows: "
        "{text}. Do it again."
    )
    FULL = "has no room left: {text}. Make room on the server's disk."
    READ_ONLY = "can only be read: {text}. Is it a copy (standby), or set to read_only?"
    RIGHTS = "forbids it: {text}. docs/databases.md says which rights the user needs."
    TOO_LONG = "ended the connection: {text}. Shorten the text, or raise max_allowed_packet."
    STOPPED = "stopped a statement: {text}."
    OTHER = "refused: {text}."


_BUSY = (Trouble.BUSY, Trouble.DEADLOCK)
#: Connecting a little later may succeed.
_PASSES = (Trouble.AWAY, Trouble.LOST, Trouble.CROWDED)
#: Nothing that was asked for is wrong: a person mends it, and then it succeeds.
_UNAVAILABLE = (*_PASSES, Trouble.PASSWORD, Trouble.MISSING, Trouble.FULL, Trouble.READ_ONLY, Trouble.RIGHTS)
_SHORTEST_CONNECT_SECONDS, _LONGEST_CONNECT_SECONDS = 2, 10


class Server(Backend):
    """A database on a server; writers do not take turns."""

    keeps_writers = False
    #: How people call the server, the extra that brings its driver, and the port where none is given.
    title: str
    extra: str
    port: int
    #: What begins a writing transaction.
    beginning: str

    def __init__(self, url: URL, lock_timeout_seconds: float) -> None:
        if not url.database:
            raise ConfigurationError(f"The address of the {self.title} database in data/config.py names no database.")
        self._url = url
        host = str(url.query.get("unix_socket") or url.host or url.query.get("host") or "localhost")
        self.place = f"'{url.database}' on {self.title} at {host}"
        if not host.startswith("/"):
            self.place += f":{url.port or self.port}"
        self.turn = FreeTurn()
        self._connections: WeakSet[Any] = WeakSet()
        self.busy_seconds = lock_timeout_seconds

    def make_engine(self) -> Engine:
        """Connects at first use only. Raises ConfigurationError where the driver is not installed."""
        try:
            engine = create_engine(
                self._url,
                isolation_level="AUTOCOMMIT",
                max_overflow=-1,  # there are no more than threads, and none is to wait for another
                pool_use_lifo=True,  # idle connections stay idle, and a restarted server breaks few in use
                connect_args=self._connect_arguments(),
                paramstyle="format",  # by position, as on SQLite: PreparedStatement hands plain tuples to the driver
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"The driver for {self.title} is not installed ({error.name}): pip install 'pyatro[{self.extra}]'"
            ) from error
        self._begin = PreparedStatement(text(self.beginning), engine.dialect)
        event.listen(engine, "connect", self._on_connect)
        event.listen(engine, "connect", self._limit)
        event.listen(engine, "connect", lambda connection, _: self._connections.add(connection))
        return engine

    def begin(self, connection: Connection) -> None:
        """See `Backend.begin`."""
        connection.begin()
        self._begin.fetch(connection)

    def commit(self, connection: Connection, last: Sequence[Callable[[Batch], object]]) -> None:
        """See `Backend.commit`."""
        if last:
            with self.together(connection) as batch:
                for send in last:
                    send(batch)
                batch.send("COMMIT", [()])
        connection.commit()  # which asks nobody where it is done

    def reader(self, engine: Engine, patience: Patience) -> ReadConnection:
        """A connection that runs a read again after a loss."""
        return ReadConnection(engine, patience)

    def is_away(self, error: DBAPIError) -> bool:
        """See `Backend.is_away`."""
        return self.trouble(error) in _PASSES

    def abandon_connections(self) -> None:
        """See `Backend.abandon_connections`."""
        for connection in self._connections:
            descriptor = self._descriptor(connection)
            if descriptor is not None:
                _to_nowhere(descriptor)
        self._connections = WeakSet()

    def refusal(self, error: DBAPIError) -> DatabaseError:
        """See `Backend.refusal`."""
        trouble = self.trouble(error)
        if trouble is Trouble.STOPPED and self.statement_seconds:
            return self.timeout()
        sentence = trouble.value.format(text=self.text(error).rstrip("."))
        kind = DatabaseBusy if trouble in _BUSY else DatabaseUnavailable if trouble in _UNAVAILABLE else DatabaseError
        return kind(f"The database {self.place} {sentence}")

    def _limit(self, connection: Any, _record: Any) -> None:
        if self.statement_seconds:
            cursor = connection.cursor()
            cursor.execute(self._limit_of(self.statement_seconds))
            cursor.close()

    @abstractmethod
    def _limit_of(self, seconds: float) -> str:
        """The statement that limits all further ones of a session; 0 is no limit."""

    @abstractmethod
    def trouble(self, error: DBAPIError) -> Trouble:
        """What is wrong."""

    @abstractmethod
    def text(self, error: DBAPIError) -> str:
        """The server's own words, in one line."""

    @abstractmethod
    def _descriptor(self, connection: Any) -> int | None:
        """The descriptor of a driver's open connection."""

    @property
    def _connect_seconds(self) -> int:
        """How long to wait for a server that does not answer: the job manager's round may not stand still."""
        return max(_SHORTEST_CONNECT_SECONDS, min(_LONGEST_CONNECT_SECONDS, math.ceil(self.busy_seconds)))

    @abstractmethod
    def _connect_arguments(self) -> dict[str, Any]:
        """What the driver is told about every connection."""

    @abstractmethod
    def _on_connect(self, connection: Any, _record: Any) -> None:
        """Set up a new connection; raises DatabaseError where the server is none that this version runs on."""


def _to_nowhere(descriptor: int) -> None:
    """Let a descriptor lead to /dev/null from now on, in this process only."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
