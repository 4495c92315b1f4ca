"""What one kind of database does in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from core.exceptions import DatabaseError, QueryTimeout
from core.orm.batch import Batch, DirectBatch
from core.orm.patience import Patience


class Turn(Protocol):
    """The right to write: see `WriteTurn`, and `FreeTurn` for databases with many writers."""

    @property
    def is_held(self) -> bool:
        """Whether this process holds the turn."""

    def acquire(self) -> None:
        """Wait for the turn; raises DatabaseBusy where it does not come in time."""

    def try_acquire(self) -> bool:
        """Take the turn if nobody has it."""

    def acquire_soon(self, granted: Callable[[], None]) -> None:
        """Queue for the turn without waiting; `granted` is called from another thread."""

    def take_granted(self) -> bool:
        """Whether the turn that was queued for has come."""

    def stop_waiting(self) -> None:
        """Leave the queue."""

    def release(self) -> None:
        """Give the turn back."""

    def wait_at_most(self, seconds: float) -> None:
        """How long `acquire` waits from now on."""

    def close(self) -> None:
        """Give the turn back, whoever has it in this process."""


class News(Protocol):
    """What others tell through the database; a selector can wait on it."""

    def fileno(self) -> int:
        """For the selector."""

    def drain(self) -> None:
        """Take all that has come; raises DatabaseError where the connection was lost."""

    def close(self) -> None:
        """Stop listening."""


class NewsService(Protocol):
    """A database that wakes who listens, on whatever machine."""

    def notify(self, connection: Connection, channel: str) -> None:
        """Wake those who listen."""

    def listen(self, engine: Engine, channel: str) -> News:
        """Listen on a connection of its own; raises DBAPIError."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which constraint refused a row: UNIQUE or NOT NULL, and the columns or the name of the index."""

    kind: str
    columns: tuple[str, ...] = ()
    index: str | None = None


class Backend(ABC):
    """One kind of database. `Database` asks it wherever databases differ.

    `place` is how messages name the database, with no password in it; `busy_seconds` is how long somebody else's lock
    is waited for, to be set before first use; `statement_seconds` is how long a statement may take on connections that
    are opened from then on, 0 for any time; `news` is None where the database wakes nobody. `keeps_writers` says that
    an idle connection costs the database nothing, so that each thread may keep one.
    """

    keeps_writers: bool
    place: str
    turn: Turn
    busy_seconds: float
    statement_seconds: float = 0
    #: For who writes much and comes back by itself, to be set before first use: `together` is one exchange wherever
    #: that can be had. On PostgreSQL a transaction then begins with its first statement, which finds out whether the
    #: server is there.
    sends_together: bool = False

    def has_moved(self) -> bool:
        """Whether connections that are open lead elsewhere than new ones would; says so once.

        Raises DatabaseUnavailable where the database was there, and is gone.
        """
        return False

    news: NewsService | None = None

    @abstractmethod
    def make_engine(self) -> Engine:
        """SQLAlchemy's engine. Its connections begin nothing by themselves, so that a read sees the last commit."""

    @abstractmethod
    def begin(self, connection: Connection) -> None:
        """Begin a writing transaction; raises DBAPIError."""

    @contextmanager
    def together(self, connection: Connection) -> Iterator[Batch]:
        """See `Database.together`; raises DBAPIError."""
        yield DirectBatch(connection)

    def commit(self, connection: Connection, last: Sequence[Callable[[Batch], object]]) -> None:
        """Send what comes `last`, and commit; raises DBAPIError."""
        for send in last:
            send(DirectBatch(connection))
        connection.commit()

    @abstractmethod
    def refusal(self, error: DBAPIError) -> DatabaseError:
        """One sentence that says what is wrong with the database, and what to do."""

    def timeout(self) -> QueryTimeout:
        """What is told of a statement that took more than `statement_seconds`."""
        return QueryTimeout(
            f"The database was asked for what takes more than {self.statement_seconds:g} seconds (web.queryTimeout), "
            "and stopped. Ask for less: by conditions and an order that an index has."
        )

    @abstractmethod
    def reader(self, engine: Engine, patience: Patience) -> AbstractContextManager[Connection]:
        """A connection for reads outside of transactions."""

    @abstractmethod
    def check_whole(self, connection: Connection) -> None:
        """Before a commit: raise DatabaseError where the database has given up the transaction meanwhile."""

    @abstractmethod
    def is_away(self, error: DBAPIError) -> bool:
        """Whether the database could not be reached, or went away: a little later the same may succeed."""

    @abstractmethod
    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """Inside a writing transaction: no other process is in here at the same time, and statements take any time."""

    @abstractmethod
    def abandon_connections(self) -> None:
        """In a forked child: whatever is still done with the parent's connections must not reach the database."""
