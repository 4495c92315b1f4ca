"""How long jobs take that only wait: what the job manager adds to them."""

from __future__ import annotations

import time

from benchmarks.arena import all_workers_blocked, arena, new_job
from benchmarks.drain import has_ended, tally
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target

JOBS, SECONDS = 200, 0.05
#: 1.06 s with ten workers.
MOST = Target(1.06, "x ideal", of_ratio=True)


def measure(options: Options) -> Report:
    """Runs 200 jobs that sleep for 50 ms; the ratio is to the time that the workers would take for the sleep alone."""
    ideal = JOBS * SECONDS / options.workers
    by_rows, by_watch = zip(*(once(options) for _ in range(options.runs)), strict=True)
    name = "200 jobs of 50 ms, first start to last end"
    took = Figure(name, "s", list(by_rows), raw_unit="s ideal", target=MOST)
    seen = Figure("  gate opened to seen by somebody who asks", "s", list(by_watch), raw_unit="s ideal")
    return Report(
        "sleepers",
        [took.against(ideal), seen.against(ideal)],
        [f"{options.workers} workers, all blocked at the start; less is better."],
        options.db,
    )


def once(options: Options) -> tuple[float, float]:
    """Seconds in a new installation: by the rows, and by our own watch."""
    with arena(options) as installation:
        with all_workers_blocked(installation, options):
            with installation.application() as application:
                entities = application.container.get("entityManager")
                entities.save_entities([new_job(entities, "Sleep") for _ in range(JOBS)])
            started = time.perf_counter()
        installation.wait_until(lambda: has_ended(installation, JOBS, "Sleep"), 120, "the jobs did not end")
        seconds = time.perf_counter() - started
        return JOBS / tally(installation, JOBS, seconds, "Sleep").by_rows, seconds
