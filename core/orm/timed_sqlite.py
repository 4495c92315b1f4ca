"""SQLite has no limit for the time that a statement takes: a connection that looks at the clock meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from math import inf
from typing import Any, Self

from core import clock

#: So many steps of SQLite's machine lie between two looks at the clock, some ten milliseconds. Each look waits for
#: Python's other threads: shorter statements, which are nearly all, have none.
_STEPS = 500_000


class TimedConnection(sqlite3.Connection):
    """Interrupts what reads for more than `seconds`; 0 is no limit.

    What writes is let be: SQLite would undo the whole transaction, behind the back of who has begun it.
    """

    seconds: float = 0
    _ends_at: float = inf

    def time_reads(self, seconds: float) -> None:
        """Limit them from the next one on."""
        self.seconds = seconds
        self.set_progress_handler(self._is_late, _STEPS)

    def begin_statement(self, sql: str) -> None:
        """This one begins now."""
        is_timed = self.seconds and sql.lstrip()[:6].upper() == "SELECT"
        self._ends_at = clock.monotonic() + self.seconds if is_timed else inf

    def cursor(self, *_: Any) -> sqlite3.Cursor:  # type: ignore[override]  # nobody brings a class of her own
        """As the driver's."""
        return super().cursor(_TimedCursor)

    def _is_late(self) -> bool:
        return clock.monotonic() > self._ends_at


class _TimedCursor(sqlite3.Cursor):
    connection: TimedConnection

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        self.connection.begin_statement(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Self:
        self.connection.begin_statement(sql)
        return super().executemany(sql, parameters)
