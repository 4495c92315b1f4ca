"""PyAtro, drained as the other systems are."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from benchmarks.arena import all_workers_blocked, arena, new_job
from benchmarks.drain import has_ended, tally
from benchmarks.options import Options
from benchmarks.peers.journal import Journal

_DRAIN_SECONDS = 1800


@dataclass(frozen=True)
class Ours:
    """PyAtro on one kind of database, as `--db` names it."""

    title: str
    db: str

    def drain(self, options: Options) -> float:
        """Jobs a second, from when the workers go on until the last row ended; RuntimeError unless each ran once."""
        options = replace(options, db=self.db)
        with arena(options) as installation:
            journal = Journal(installation.data / "ticks")
            with all_workers_blocked(installation, options):
                with installation.application() as application:
                    entities = application.container.get("entityManager")
                    numbers = range(options.jobs)
                    entities.save_entities([new_job(entities, "Tick", payload={"number": n}) for n in numbers])
                started = time.perf_counter()
            installation.wait_until(
                lambda: has_ended(installation, options.jobs, "Tick"), _DRAIN_SECONDS, "the jobs did not end"
            )
            seconds = time.perf_counter() - started
            journal.check(options.jobs)
            return tally(installation, options.jobs, seconds, "Tick").by_watch
