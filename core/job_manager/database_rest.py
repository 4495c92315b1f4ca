"""How the job manager takes it when the database fails: nothing is lost, and it is all done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core import clock
from core.exceptions import DatabaseBusy
from core.job_manager.watchdog import Watchdog
from core.log import logger
from core.orm.database import DATABASE_ERRORS, Database

_PAUSE_AFTER_ERROR_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 8.0


class DatabaseRest:
    """After a failure the database is left alone for a while; `forget` is called, as nothing that was read counts."""

    def __init__(self, database: Database, watchdog: Watchdog, forget: Callable[[], None]) -> None:
        self._database = database
        self._watchdog = watchdog
        self._forget = forget
        self._until = 0.0
        self._pause_seconds = _PAUSE_AFTER_ERROR_SECONDS

    @property
    def seconds(self) -> float:
        """For how long it is left alone yet; 0 where it may be used."""
        return max(0.0, self._until - clock.monotonic())

    @contextmanager
    def may_fail(self, doing: str) -> Iterator[None]:
        """A step of a round, in which the database is used."""
        try:
            yield
            self._watchdog.note_success()
            self._pause_seconds = _PAUSE_AFTER_ERROR_SECONDS
        except DATABASE_ERRORS as error:
            logger.error("The database failed while %s; trying again: %s", doing, error)
            self._watchdog.note_failure(doing, error)
            self._until = clock.monotonic() + self._pause_seconds
            # A lock is gone at any moment, a server takes its time to come back.
            if not isinstance(error, DatabaseBusy):
                self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
            self._database.turn.stop_waiting()
            if self._watchdog.wants_fresh_connections():
                self._database.close()
            self._forget()
