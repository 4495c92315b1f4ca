"""How many no-op jobs a second a full queue is emptied at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from benchmarks.arena import all_workers_blocked, arena, new_job, wait_until_done
from benchmarks.options import Options
from benchmarks.raw_limit import beside_commits
from benchmarks.report import Figure, Report
from core.testing import Installation

TALLY = """
    SELECT count(*) AS jobs, sum(status = 'Success' AND attempt = 1) AS once, count(DISTINCT pid) AS pids,
        min(started_at) AS first, max(ended_at) AS last
    FROM job WHERE type = 'NoOp'
"""


@dataclass(frozen=True)
class Drained:
    """One run: jobs a second by our own watch from outside, and by the rows' own first start and last end."""

    by_watch: float
    by_rows: float
    pids: int


def measure(options: Options) -> Report:
    """Drains `options.jobs` jobs: the clock runs from "all workers up and blocked" to "all jobs done"."""
    runs, raw = beside_commits(options, lambda: drain_once(options))
    by_watch = Figure("drain", "jobs/s", [run.by_watch for run in runs], raw, target=">= 0.80 of raw")
    by_rows = Figure("  first start to last end", "jobs/s", [run.by_rows for run in runs], raw)
    return Report(
        "drain",
        [by_watch.against(raw), by_rows.against(raw)],
        [
            f"{options.jobs:,} no-op jobs, {options.workers} workers, all blocked at the start; "
            "each job ended in Success, at its first attempt.",
            f"Workers that took part: {', '.join(str(run.pids) for run in runs)}.",
        ],
    )


def drain_once(options: Options) -> Drained:
    """Drains one new installation, and checks every row."""
    with arena(options) as installation:
        with all_workers_blocked(installation, options):
            enqueue(installation, options.jobs)
            started = time.perf_counter()
        wait_until_done(installation)
        seconds = time.perf_counter() - started
        return tally(installation, options.jobs, seconds)


def enqueue(installation: Installation, count: int) -> None:
    """Puts the jobs into the queue, in one go."""
    with installation.application() as application:
        entities = application.container.get("entityManager")
        entities.save_entities([new_job(entities, "NoOp") for _ in range(count)])


def tally(installation: Installation, jobs: int, seconds: float) -> Drained:
    """The rates; RuntimeError if a job was lost, failed, or was started twice."""
    [found] = installation.query(TALLY)
    if not jobs == found["jobs"] == found["once"]:
        raise RuntimeError(
            f"Of {jobs} jobs {found['jobs']} are there, {found['once']} in Success at the first attempt."
        )
    by_rows = datetime.fromisoformat(found["last"]) - datetime.fromisoformat(found["first"])
    return Drained(jobs / seconds, jobs / by_rows.total_seconds(), found["pids"])
