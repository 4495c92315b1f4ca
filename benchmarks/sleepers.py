"""How long jobs take that only wait: what the job manager adds to them."""

from __future__ import annotations

import time

from benchmarks.arena import all_workers_blocked, arena, new_job
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target

JOBS, SECONDS = 200, 0.05
#: 1.06 s with ten workers.
MOST = Target(1.06, "x ideal", of_ratio=True)
ENDED = "SELECT count FROM job_counter WHERE type = 'Sleep' AND status <> 'Pending'"


def measure(options: Options) -> Report:
    """Runs 200 jobs that sleep for 50 ms; the ratio is to the time that the workers would take for the sleep alone."""
    ideal = JOBS * SECONDS / options.workers
    took = Figure(
        "200 jobs of 50 ms", "s", [once(options) for _ in range(options.runs)], raw_unit="s ideal", target=MOST
    )
    return Report(
        "sleepers",
        [took.against(ideal)],
        [f"{options.workers} workers, all blocked at the start; less is better."],
        options.db,
    )


def once(options: Options) -> float:
    """Seconds, in a new installation."""
    with arena(options) as installation:
        with all_workers_blocked(installation, options):
            with installation.application() as application:
                entities = application.container.get("entityManager")
                entities.save_entities([new_job(entities, "Sleep") for _ in range(JOBS)])
            started = time.perf_counter()
        installation.wait_until(
            lambda: sum(row["count"] for row in installation.query(ENDED)) == JOBS, 120, "the jobs did not end"
        )
        return time.perf_counter() - started
