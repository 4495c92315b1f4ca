"""How long the questions take that the job manager and people ask, on a table of millions of jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

from sqlalchemy import Connection, Table, insert, literal, select, text

from benchmarks.arena import arena
from benchmarks.job_rows import add_ended_jobs, add_jobs, mixed_types
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target
from core import clock
from core.Console.JobList import newest_jobs
from core.container import Container
from core.job_queue.backlog import Backlog
from core.job_queue.run import Outcome

REPEATS = 20
TARGET = Target(50, "ms")
#: One of so many jobs is in this state; all others have succeeded.
ONE_OF = {"Failed": 100, "Canceled": 1000, "due": 200, "later": 200, "Rare": 100_000}

Question = Callable[[Connection], object]


@dataclass(frozen=True)
class Asked:
    """What it is called, and what asks it; `writes` says that it takes a transaction, which is rolled back."""

    name: str
    ask: Question
    writes: bool = False


def measure(options: Options) -> Report:
    """Builds a table of `options.rows` jobs inside the database, and asks each question some times."""
    with arena(options) as installation, installation.application() as application:
        container = application.container
        began = time.perf_counter()
        fill(container, options.rows, *(max(1, options.rows // ONE_OF[name]) for name in ("due", "later")))
        seconds = time.perf_counter() - began
        figures = [figure(container, each) for each in questions(container)]
    slowest = max(figures, key=lambda each: each.median)
    return Report(
        "rows",
        [replace(slowest, name=f"slowest: {slowest.name}", target=TARGET), *figures],
        [
            f"{options.rows:,} jobs, made in {seconds:.0f} s: in 1,000 10 have failed, 5 are due, 5 are for later.",
            f"Each asked {REPEATS} times. What Python does is counted in.",
        ],
        options.db,
    )


def fill(container: Container, rows: int, due: int, later: int) -> None:
    """So many jobs, the due ones and those for later among them; attempts of what failed; counters of the last hour."""
    schema, database = container.get("schema"), container.get("connection")
    job, now = schema.table("Job"), clock.now()
    parts = {name: max(1, rows // ONE_OF[name]) for name in ("Failed", "Canceled", "Rare")}
    ended = rows - sum(parts.values()) - due - later
    with database.write() as connection:
        add_ended_jobs(connection, job, ended, mark="0001", type=mixed_types())
        add_ended_jobs(connection, job, parts["Failed"], mark="0002", status="Failed", message="It broke.")
        add_ended_jobs(connection, job, parts["Canceled"], mark="0003", status="Canceled")
        add_ended_jobs(connection, job, parts["Rare"], mark="0004", type="Rare")
        add_jobs(connection, job, due, mark="0005", type=mixed_types(), execute_time=now - timedelta(hours=1))
        add_jobs(connection, job, later, mark="0006", execute_time=now + timedelta(days=1), priority=300.0)
        add_attempts(connection, schema.table("JobAttempt"), job)
        for minute in range(60):
            for number in range(20):
                moment = now - timedelta(minutes=minute)
                container.get("jobQueue").counters.add(connection, f"Type{number}", "Success", 5, moment)
    analyze(container)


def add_attempts(connection: Connection, attempt: Table, job: Table) -> None:
    """One of each job that failed."""
    moments = (job.c.started_at, job.c.ended_at)
    of_failed = select(job.c.id, job.c.id, literal(1), literal("Failed"), *moments).where(job.c.status == "Failed")
    columns = ["id", "job_id", "attempt", "status", "started_at", "ended_at"]
    connection.execute(insert(attempt).from_select(columns, of_failed))


def analyze(container: Container) -> None:
    """Let a server know its new tables, as it would by itself after a while; SQLite is not told in use either."""
    engine = container.get("connection").engine
    statement = {"postgresql": "ANALYZE", "mariadb": "ANALYZE TABLE job, job_attempt"}.get(engine.dialect.name)
    if statement:
        with engine.connect() as connection:
            connection.execute(text(statement)).close()


def questions(container: Container) -> list[Asked]:
    """What is asked, in this order."""
    queue, schema = container.get("jobQueue"), container.get("schema")
    backlog, now = Backlog(container.get("connection"), schema), clock.now()
    jobs, kept = (container.get("entityManager").get_repository(name) for name in ("Job", "JobAttempt"))
    failed = jobs.where({"status": "Failed"}).select(["id"]).find_one().id

    def listed(**where: str) -> Question:
        return lambda _: newest_jobs(jobs, where).limit(20).find()

    def claim_and_finish(connection: Connection) -> None:
        claims = [(each, each.run_by("boot:1:1:1", 1)) for each in queue.candidates(connection, 10)]
        runs = [run for run, _ in queue.start(connection, claims)]
        if len(runs) != 10 or queue.finish(connection, [Outcome(run, True) for run in runs]):
            raise RuntimeError("Ten jobs were not started, or their ends were refused.")

    return [
        Asked("claim: 200 due jobs", lambda c: queue.candidates(c, 200)),
        Asked("claim, start and finish ten jobs", claim_and_finish, writes=True),
        Asked("when the next job is due", queue.next_due_at),
        Asked("runs of this machine", queue.held_runs),
        Asked("rows that nobody runs", queue.has_adrift),
        Asked("job list", listed()),
        Asked("job list --status=Success", listed(status="Success")),
        Asked("job list --status=Failed", listed(status="Failed")),
        Asked("job list --status=Canceled", listed(status="Canceled")),
        Asked("job list --status=Pending", listed(status="Pending")),
        Asked("job list --status=Running", listed(status="Running")),
        Asked("job list --type=Rare", listed(type="Rare")),
        Asked("job list --type=Nowhere", listed(type="Nowhere")),
        Asked("job list --type=Rare --status=Failed", listed(type="Rare", status="Failed")),
        Asked("job show", lambda _: jobs.get(failed)),
        Asked("job show: attempts", lambda _: kept.where("jobId", failed).order("attempt").find()),
        Asked("job manager status: due", lambda c: backlog.due(c, now)),
        Asked("job manager status: later", lambda c: backlog.later(c, now)),
        Asked("job manager status: runs", backlog.held),
        Asked("job manager status: last hour", lambda c: queue.counters.last_hour(c, now)),
        Asked("job manager status: schedules", lambda c: backlog.next_fires(c, 5)),
    ]


def figure(container: Container, asked: Asked) -> Figure:
    """The median, and the longest, in milliseconds."""
    times = [milliseconds(container, asked) for _ in range(REPEATS)]
    return Figure(asked.name, "ms", [median(times)], max(times), "ms at most", target=str(TARGET))


def milliseconds(container: Container, asked: Asked) -> float:
    """Of one question."""
    database = container.get("connection")
    if not asked.writes:
        with database.read() as connection:
            began = time.perf_counter()
            asked.ask(connection)
            return (time.perf_counter() - began) * 1000
    took: list[float] = []
    try:
        with database.write() as connection:
            began = time.perf_counter()
            asked.ask(connection)
            took.append((time.perf_counter() - began) * 1000)
            raise _Undone
    except _Undone:
        return took[0]


class _Undone(Exception):
    pass
