"""How many no-op jobs a second a full queue is emptied at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta

from benchmarks.arena import all_workers_blocked, arena, new_job, shut_gate
from benchmarks.job_rows import add_ended_jobs, add_jobs
from benchmarks.options import Options
from benchmarks.raw_limit import beside_commits
from benchmarks.report import Figure, Report, Target
from core import clock
from core.orm.column_types import to_moment
from core.testing import Installation

#: To raw commits, on the same database.
RATIOS = {
    db: Target(ratio, "x raw", is_least=True, of_ratio=True)
    for db, ratio in (("sqlite", 1.6), ("postgres", 1.4), ("mariadb", 0.7))
}
#: Above that of the jobs that are drained.
HIGHER_PRIORITY = 200.0
TALLY = """
    SELECT count(*) AS jobs, count(DISTINCT pid) AS pids, min(started_at) AS began_at, max(ended_at) AS ended_at,
        sum(CASE WHEN status = 'Success' AND attempt = 1 THEN 1 ELSE 0 END) AS succeeded
    FROM job WHERE type = ?
"""
#: However many jobs there are, these are a few rows.
ENDED = "SELECT sum(count) AS jobs FROM job_counter WHERE type = ? AND status <> 'Pending'"
STARTED_BEYOND_LIMIT = "SELECT count(*) AS jobs FROM job WHERE type = 'Limited' AND started_at IS NOT NULL"


@dataclass(frozen=True)
class Drained:
    """One run: jobs a second by our own watch from outside, and by the rows' own first start and last end."""

    by_watch: float
    by_rows: float
    pids: int


def measure(options: Options) -> Report:
    """Drains `options.jobs` jobs: the clock runs from "all workers up and blocked" to "all jobs done"."""
    runs, raw = beside_commits(options, lambda: drain_once(options))
    by_watch = Figure("drain", "jobs/s", [run.by_watch for run in runs], raw, target=RATIOS[options.db])
    by_rows = Figure("  first start to last end", "jobs/s", [run.by_rows for run in runs], raw)
    return Report(
        "drain",
        [by_watch.against(raw), by_rows.against(raw)],
        [
            f"{options.jobs:,} no-op jobs, {options.workers} workers, all blocked at the start; "
            "each job ended in Success, at its first attempt.",
            f"Workers that took part: {', '.join(str(run.pids) for run in runs)}.",
            *beside(options),
        ],
        options.db,
    )


def beside(options: Options) -> list[str]:
    """What else is in the table, in a sentence."""
    others = [
        (options.backlog, "that have ended"),
        (options.future, "of a higher priority whose time is to come"),
        (options.limited, "of a higher priority that wait, of a type that is at its limit"),
    ]
    texts = [f"{count:,} jobs {what}" for count, what in others if count]
    return [f"Beside them: {'; '.join(texts)}."] if texts else []


def drain_once(
    options: Options, beside_it: Callable[[Installation], AbstractContextManager[object]] = nullcontext
) -> Drained:
    """Drains one new installation, and checks every row; `beside_it` is there meanwhile."""
    # One worker more than are measured has the job that keeps the limited type at its limit.
    workers = options.workers + (1 if options.limited else 0)
    with arena(replace(options, workers=workers)) as installation:
        add_others(installation, options)
        with type_at_its_limit(installation, options), beside_it(installation):
            with all_workers_blocked(installation, options):
                enqueue(installation, options.jobs)
                started = time.perf_counter()
            installation.wait_until(lambda: has_ended(installation, options.jobs), 600, "the jobs did not end")
            seconds = time.perf_counter() - started
        return tally(installation, options.jobs, seconds)


def add_others(installation: Installation, options: Options) -> None:
    """Fills the table with what is not drained."""
    with installation.application() as application:
        job = application.container.get("schema").table("Job")
        with application.container.get("connection").write() as connection:
            add_ended_jobs(connection, job, options.backlog, mark="aaaa", type="Bygone")
            later = {"type": "Later", "execute_time": clock.now() + timedelta(days=30)}
            add_jobs(connection, job, options.future, mark="bbbb", priority=HIGHER_PRIORITY, **later)
            add_jobs(connection, job, options.limited, mark="cccc", priority=HIGHER_PRIORITY, type="Limited")


@contextmanager
def type_at_its_limit(installation: Installation, options: Options) -> Iterator[None]:
    """The one job of the type Limited that may run does run, if there are such jobs, until the processes end."""
    if not options.limited:
        yield
        return
    with shut_gate(installation.data, "limited-gate") as gate:
        with installation.application() as application:
            entities = application.container.get("entityManager")
            first = new_job(entities, "Limited", priority=1000, payload={"gate": str(gate)})
            entities.save_entity(first)
        installation.start_job_manager()
        installation.wait_until(lambda: installation.job(first.id)["status"] == "Running", 60, "it did not start")
        yield
        [started] = installation.query(STARTED_BEYOND_LIMIT)
        if started["jobs"] != 1:
            raise RuntimeError(f"{started['jobs']} jobs of the type Limited were started, though its limit is 1.")


def enqueue(installation: Installation, count: int) -> None:
    """Puts the jobs into the queue, in one go."""
    with installation.application() as application:
        entities = application.container.get("entityManager")
        entities.save_entities([new_job(entities, "NoOp") for _ in range(count)])


def has_ended(installation: Installation, jobs: int, job_type: str = "NoOp") -> bool:
    """Whether so many jobs of the type have ended."""
    return (installation.query(ENDED, job_type)[0]["jobs"] or 0) >= jobs


def tally(installation: Installation, jobs: int, seconds: float, job_type: str = "NoOp") -> Drained:
    """The rates; RuntimeError if a job was lost, failed, or was started twice."""
    [found] = installation.query(TALLY, job_type)
    if not jobs == found["jobs"] == found["succeeded"]:
        raise RuntimeError(
            f"Of {jobs} jobs {found['jobs']} are there, {found['succeeded']} in Success at the first attempt."
        )
    by_rows = to_moment(found["ended_at"]) - to_moment(found["began_at"])
    return Drained(jobs / seconds, jobs / by_rows.total_seconds(), found["pids"])
