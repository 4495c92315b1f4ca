"""The runs of this machine as their rows have them: canceled ones, ones that were given away, ones that nobody runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from core.job_manager.dead_jobs import close_adrift_jobs
from core.job_manager.foreign_runs import ForeignRuns
from core.job_manager.run_guard import Limits, RunGuard
from core.job_manager.unbegun import take_back_unbegun
from core.job_manager.worker_pool import WorkerPool
from core.job_queue.queue import JobQueue
from core.job_queue.run import Outcome, Run
from core.job_queue.states import RUNNING
from core.orm.database import Database


class HeldRuns:
    """Compares what the rows of this node say with what its processes do."""

    def __init__(self, root: Path, database: Database, queue: JobQueue, pool: WorkerPool, guard: RunGuard) -> None:
        self._database = database
        self._queue = queue
        self._pool = pool
        self._guard = guard
        self._foreign = ForeignRuns(root, guard)

    @property
    def foreign_count(self) -> int:
        """How many runs of a predecessor still go on."""
        return self._foreign.count

    def note_canceled(self) -> None:
        """Have the guard end what somebody has canceled."""
        with self._database.read() as connection:
            for key in self._queue.interrupted(connection):
                self._guard.cancel(key)

    def close_adrift(self) -> None:
        """End the jobs whose rows say Running without a process."""
        with self._database.read() as connection:
            has_adrift = self._queue.has_adrift(connection)
        if has_adrift:
            close_adrift_jobs(self._database, self._queue)

    def look(self, ended: Iterable[Run], limits_of: Callable[[str | None], Limits]) -> list[Outcome]:
        """Do all that the rows ask for; returns how those ended whose processes are gone.

        `ended` are the runs whose end is known and not written yet.
        """
        running = [worker.run for worker in self._pool.running if worker.run is not None]
        ours = {run.key for run in [*running, *ended]}
        with self._database.read() as connection:
            held = self._queue.held_runs(connection)
        for each in held:
            if each.status != RUNNING:
                self._guard.cancel(each.run.key)
        # A run whose row somebody gave to others, as this machine was taken for gone, is to do no more harm.
        lost = {run.key for run in running} - {each.run.key for each in held}
        for key in lost:
            self._guard.cancel(key)
        others = {each.run.key: each for each in held if each.run.key not in ours}
        others = take_back_unbegun(self._database, self._queue, others, self._pool.processes)
        return self._foreign.look(others, {key: limits_of(each.type) for key, each in others.items()})
