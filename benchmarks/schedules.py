"""What schedules cost: while none is due, when many are due at once, and until a new one is planned."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update

from benchmarks.arena import arena, roles
from benchmarks.databases import TITLES, database
from benchmarks.idle import REST_SECONDS, cpu_seconds
from benchmarks.options import Options
from benchmarks.report import Figure, Report
from core import clock
from core.container import Container
from core.job_manager.scheduler import Scheduler
from core.testing import Installation
from tests.databases import KINDS, SQLITE

_POLL_SECONDS = 0.001


@dataclass(frozen=True)
class Scale:
    """How many schedules there are, how many of them are due at once, and how many are saved beside a daemon."""

    active: int = 10_000
    due: int = 1_000
    new: int = 20
    rest_seconds: float = REST_SECONDS


@dataclass(frozen=True)
class Cost:
    """Percent of one core; seconds; milliseconds."""

    idle_cpu: float
    idle_cpu_of_none: float
    due_seconds: float
    raw_seconds: float
    until_planned_ms: float


def measures() -> list[Callable[[Options], Report]]:
    """One for each kind of database."""
    return [lambda options, kind=kind: measure(options, kind, Scale()) for kind in KINDS]


def measure(options: Options, kind: str, scale: Scale) -> Report:
    """All figures on one kind of database; a report without figures where none answers."""
    title = f"schedules on {TITLES[kind]}"
    runs = []
    for _ in range(options.runs):
        with database(kind, options.folder) as url:
            if url is None:
                return Report(
                    title, [], [f"Not measured, as no {TITLES[kind]} answers; README.md says how one is named."]
                )
            runs.append(measure_once(options, None if kind == SQLITE else url, scale))
    return Report(title, figures(runs, scale), NOTES, kind)


NOTES = [
    "An idle daemon, and one without schedules. The ratio says how many times as long as plain UPDATEs and INSERTs",
    "of the same rows in one transaction it takes. A schedule that was saved is planned when its job is there.",
]


def figures(runs: list[Cost], scale: Scale) -> list[Figure]:
    """The lines of the table."""
    due = Figure(f"{scale.due:,} due at once", "s", [run.due_seconds for run in runs], raw_unit="s", target="< 1 s")
    raw = median(run.raw_seconds for run in runs)
    return [
        Figure(f"daemon, {scale.active:,} active", "% of a core", [run.idle_cpu for run in runs], target="< 1 %"),
        Figure("daemon, no schedule", "% of a core", [run.idle_cpu_of_none for run in runs]),
        due.against(raw),
        Figure("saved until planned", "ms", [run.until_planned_ms for run in runs]),
    ]


def measure_once(options: Options, url: str | None, scale: Scale) -> Cost:
    """One new installation."""
    with arena(options) as installation:
        installation.database_url = url
        database = {"synchronous": options.synchronous}
        installation.write_config(maxConcurrentWorkers=options.workers, database=database)
        of_none = idle_cpu(installation, scale, options.seconds)
        with installation.application() as application:
            container = application.container
            container.get("entityManager").save_entities(
                [new_schedule(container, number) for number in range(scale.active)]
            )
            Scheduler(container).make_all_due()
            idle = idle_cpu(installation, scale, options.seconds)
            due_seconds, raw_seconds = make_due(container, scale.due)
            planned = until_planned_ms(installation, container, scale)
        return Cost(idle, of_none, due_seconds, raw_seconds, planned)


def new_schedule(container: Container, number: int) -> Any:
    """An unsaved schedule that fires once a year, half a year from now: none is due meanwhile."""
    day, month = 1 + number % 28, (clock.now().month + 5) % 12 + 1
    schedule = container.get("entityManager").get_entity("ScheduledJob")
    scheduling = f"{number % 60} {number % 24} {day} {month} *"
    schedule.set({"name": f"{number}", "type": "NoOp", "scheduling": scheduling, "isActive": True})
    return schedule


def idle_cpu(installation: Installation, scale: Scale, seconds: float) -> float:
    """Percent of a core that an idle daemon takes."""
    installation.start_job_manager()
    time.sleep(scale.rest_seconds)
    daemon, *_ = roles(installation)
    before = cpu_seconds(daemon)
    time.sleep(seconds)
    used = cpu_seconds(daemon) - before
    installation.stop_job_manager()
    return used / seconds * 100


def make_due(container: Container, count: int) -> tuple[float, float]:
    """Seconds for the next jobs of so many schedules whose time has come, and for the same rows by plain statements."""
    schedule, job = (container.get("schema").table(name) for name in ("ScheduledJob", "Job"))
    scheduler = Scheduler(container)
    scheduler.make_all_due()
    with container.get("connection").write() as connection:
        ids = list(connection.execute(select(schedule.c.id).limit(count)).scalars())
        is_theirs = job.c.scheduled_job_id.in_(ids)
        connection.execute(delete(job).where(is_theirs))
        come = {"next_fire_time": clock.now() - timedelta(seconds=30)}
        connection.execute(update(schedule).where(schedule.c.id.in_(ids)).values(come))
    began = time.perf_counter()
    scheduler.make_all_due()
    ours = time.perf_counter() - began
    with container.get("connection").write() as connection:
        rows = [dict(row) for row in connection.execute(select(job).where(is_theirs)).mappings()]
        connection.execute(delete(job).where(is_theirs))
    if len(rows) != count:
        raise RuntimeError(f"{len(rows)} jobs were made, not {count}.")
    return ours, seconds_of_plain_statements(container, schedule, job, rows)


def seconds_of_plain_statements(container: Container, schedule: Table, job: Table, rows: list[dict[str, Any]]) -> float:
    """An UPDATE of each schedule and an INSERT of each job, in one transaction."""
    planned = update(schedule).where(schedule.c.id == bindparam("schedule_id"))
    planned = planned.values(next_fire_time=bindparam("fire_time"), planned_at=bindparam("now"))
    now = clock.now()
    plans = [{"schedule_id": row["scheduled_job_id"], "fire_time": row["fire_time"], "now": now} for row in rows]
    began = time.perf_counter()
    with container.get("connection").write() as connection:
        connection.execute(planned, plans)
        connection.execute(insert(job), rows)
    return time.perf_counter() - began


def until_planned_ms(installation: Installation, container: Container, scale: Scale) -> float:
    """The median over some schedules: from the end of the save until their job is there."""
    installation.start_job_manager()
    time.sleep(scale.rest_seconds)
    entity_manager, samples = container.get("entityManager"), []
    for number in range(scale.new):
        schedule = new_schedule(container, number)
        entity_manager.save_entity(schedule)
        began = time.perf_counter()
        jobs = entity_manager.get_repository("Job").where({"scheduledJobId": schedule.id})
        if not clock.wait_until(jobs.exists, 30, every_seconds=_POLL_SECONDS):
            raise RuntimeError("A new schedule was not planned within 30 s.")
        samples.append((time.perf_counter() - began) * 1000)
    installation.stop_job_manager()
    return median(samples)
