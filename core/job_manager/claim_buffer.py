"""Due jobs, read a little ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from core import clock
from core.job_manager.reserved_workers import Slots
from core.job_queue.candidate import Candidate
from core.job_queue.queue import JobQueue
from core.orm.database import Database

# Each start is guarded, so a stale candidate costs a wasted row, not a wrong run.
_SIZE = 200
_FRESH_SECONDS = 0.1
# A type at its limit goes on soon after the end of a run of it; reading each time would slow down the others.
_SOON_SECONDS = 0.02
# A worker that is woken begins on this process's processor, and so when this one rests: a look for more jobs, of which
# there are likely none, comes after that.
_BREATH_SECONDS = 0.001


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
        self._look_again_at: float | None = None
        self.may_have_work = True
        self._has_read_all = False

    def announce(self) -> None:
        """Something has changed: what was read ahead may not be what comes next."""
        self._candidates.clear()
        self.unreadable.clear()
        self.may_have_work = True
        self._has_read_all = False

    @property
    def rest_seconds(self) -> float:
        """How long to rest before more are taken: a moment, where all that were due at the last look have been."""
        return _BREATH_SECONDS if self._has_read_all and not self._candidates else 0.0

    def take(self, most: int, slots: Slots | None = None) -> list[Candidate]:
        """Up to `most` candidates, none if nothing is due; reads the database only where something may be.

        Where workers are reserved, `slots` says which of them may start.
        """
        if most < 1:
            return []
        if self._is_time_to_look():
            self.may_have_work, self._fresh_until = True, 0.0
        if not self.may_have_work:
            return []
        if not self._candidates or clock.monotonic() >= self._fresh_until:
            self._read()
        if slots is not None:
            return self._take_for(slots, most)
        return [self._candidates.popleft() for _ in range(min(most, len(self._candidates)))]

    def give_back(self, candidates: Sequence[Candidate]) -> None:
        """There was no worker for these: they come first the next time."""
        self._candidates.extendleft(reversed(candidates))

    def note_end(self, job_type: str | None) -> None:
        """The end of a run is committed: where its type has limits, the next job may start."""
        if job_type in self._queue.types.limited:
            self.may_have_work = True
            self._fresh_until = min(self._fresh_until, clock.monotonic() + _SOON_SECONDS)

    def note_refusals(self) -> None:
        """Some of those that were taken did not start: over the limits of their types by now, they let others pass."""
        if self._queue.types.limited:
            self.announce()
            self._look_again_at = clock.monotonic() + _SOON_SECONDS

    def seconds_to_next(self) -> float | None:
        """How long until a job that is waiting now becomes due, or a limit may let one pass."""
        waits = []
        if self._next_due_at is not None:
            waits.append((self._next_due_at - clock.now()).total_seconds())
        if self._look_again_at is not None:
            waits.append(self._look_again_at - clock.monotonic())
        return max(0.0, min(waits)) if waits else None

    def _is_time_to_look(self) -> bool:
        if self._next_due_at is not None and clock.now() >= self._next_due_at:
            return True
        return self._look_again_at is not None and clock.monotonic() >= self._look_again_at

    def _take_for(self, slots: Slots, most: int) -> list[Candidate]:
        taken: list[Candidate] = []
        kept: deque[Candidate] = deque()
        for each in self._candidates:
            is_taken = len(taken) < most and slots.take(each.row["priority"])
            (taken if is_taken else kept).append(each)
        self._candidates = kept
        return taken if taken or not kept else self._urgent_ones(slots, most)

    def _urgent_ones(self, slots: Slots, most: int) -> list[Candidate]:
        """Where those that were read have to wait: one that need not may have come, or stand behind them by its age."""
        with self._database.read() as connection:
            found = self._queue.read_ahead(connection, most, slots.least_priority).candidates
            if not found:
                self._next_due_at = self._queue.next_due_at(connection)
        return [each for each in found if each.problem is None and slots.take(each.row["priority"])]

    def _read(self) -> None:
        with self._database.read() as connection:
            ahead = self._queue.read_ahead(connection, _SIZE)
            found, again = ahead.candidates, ahead.look_again_seconds
            self.unreadable = [each for each in found if each.problem is not None]
            self._candidates = deque(each for each in found if each not in self.unreadable)
            self._fresh_until = clock.monotonic() + _FRESH_SECONDS
            self._look_again_at = None if again is None else clock.monotonic() + again
            self.may_have_work = bool(found)
            self._has_read_all = len(found) < _SIZE
            # A moment that is over is no reason to look again; the next read that finds nothing sets a new one.
            self._next_due_at = None if found else self._queue.next_due_at(connection)
