"""Due jobs, read a little ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from core import clock
from core.job_queue.queue import Candidate, JobQueue
from core.orm.database import Database

# Each start is guarded, so a stale candidate costs a wasted row, not a wrong run.
_SIZE = 200
_FRESH_SECONDS = 0.1


class ClaimBuffer:
    """The next jobs in order. Read again after each announcement, and when it is older than a tenth of a second."""

    def __init__(self, database: Database, queue: JobQueue) -> None:
        self._database = database
        self._queue = queue
        self._candidates: deque[Candidate] = deque()
        #: Those that no worker could read; who fails them clears the list.
        self.unreadable: list[Candidate] = []
        self._fresh_until = 0.0
        self._next_due_at: datetime | None = None
        self.may_have_work = True

    def announce(self) -> None:
        """Something has changed: what was read ahead may not be what comes next."""
        self._candidates.clear()
        self.unreadable.clear()
        self.may_have_work = True

    def take(self, most: int) -> list[Candidate]:
        """Up to `most` candidates, none if nothing is due; reads the database only where something may be."""
        if most < 1:
            return []
        if self._next_due_at is not None and clock.now() >= self._next_due_at:
            self.may_have_work = True
        if not self.may_have_work:
            return []
        if not self._candidates or clock.monotonic() >= self._fresh_until:
            self._read()
        return [self._candidates.popleft() for _ in range(min(most, len(self._candidates)))]

    def give_back(self, candidates: Sequence[Candidate]) -> None:
        """There was no worker for these: they come first the next time."""
        self._candidates.extendleft(reversed(candidates))

    def seconds_to_next(self) -> float | None:
        """How long until a job that is waiting now becomes due."""
        if self._next_due_at is None:
            return None
        return max(0.0, (self._next_due_at - clock.now()).total_seconds())

    def _read(self) -> None:
        with self._database.read() as connection:
            found = self._queue.candidates(connection, _SIZE)
            self.unreadable = [each for each in found if each.problem is not None]
            self._candidates = deque(each for each in found if each not in self.unreadable)
            self._fresh_until = clock.monotonic() + _FRESH_SECONDS
            self.may_have_work = bool(found)
            # A moment that is over is no reason to look again; the next read that finds nothing sets a new one.
            self._next_due_at = None if found else self._queue.next_due_at(connection)
