"""What becomes of a run that did not succeed at once: whether it is tried again, and when; what is kept of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, insert, literal, select, update

from core import clock
from core.job_queue.backoff import Backoff, backoff_of
from core.job_queue.run import Outcome, Verdict
from core.job_queue.states import CANCELED, FAILED, PENDING, SUCCESS
from core.log import logger
from core.orm.column_types import MomentAsRead
from core.orm.database import Database
from core.orm.ids import new_id
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: After so many crashes a job is set aside, where its type does not say otherwise.
POISON_LIMIT = 3
#: The attributes of JobAttempt that are written.
RECORDED = ("jobId", "attempt", "status", "startedAt", "endedAt", "node", "pid", "error", "traceback")


class JobTypes(Protocol):
    """The merged metadata."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What stands under a key."""


class Attempts:
    """Judges runs by the rules of their jobs' types and records them, in the transaction that writes how they ended.

    A success at the first attempt needs neither, and costs nothing.
    """

    def __init__(self, database: Database, schema: Schema, metadata: JobTypes) -> None:
        self._database = database
        self._schema = schema
        self._metadata = metadata
        self._warned_of: set[str | None] = set()

    def judge(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The same outcomes, with a verdict on each run that is to be recorded and still holds its row."""
        return [self._judged(connection, each) if _is_open(each) else each for each in outcomes]

    def record(
        self, connection: Connection, outcomes: Sequence[Outcome], refused: Sequence[Outcome], node: str, now: datetime
    ) -> None:
        """Keep what was judged; the end of a refused one counted no more, as its job was canceled."""
        rows = [
            {
                "new_id": new_id(),
                "job_id": outcome.run.job_id,
                "run_attempt": outcome.run.attempt,
                "run_status": CANCELED if outcome in refused else SUCCESS if outcome.is_success else FAILED,
                "run_started_at": outcome.verdict.started_at,
                "run_ended_at": outcome.ended_at or now,
                "run_node": node,
                "run_pid": outcome.run.pid,
                "run_error": None if outcome.is_success else outcome.message,
                "run_traceback": outcome.cause and outcome.cause.traceback,
            }
            for outcome in outcomes
            if outcome.verdict is not None
        ]
        if rows:
            self._record.run_many(connection, rows)

    def keep_first_success(self, connection: Connection, job_id: str) -> None:
        """Record the one run that nothing but the job's own row tells of, as the row is about to begin anew."""
        job, attempt = self._schema.table("Job").c, self._schema.table("JobAttempt")
        is_it = (job.id == job_id, job.status == SUCCESS, job.attempt == 1, job.started_at.is_not(None))
        kept = select(literal(new_id()), job.id, job.attempt, job.status, job.started_at, job.ended_at, job.pid)
        columns = ["id", "job_id", "attempt", "status", "started_at", "ended_at", "pid"]
        connection.execute(insert(attempt).from_select(columns, kept.where(*is_it)))

    def forget(self, connection: Connection, job_id: str) -> None:
        """Delete the attempts of a job that was deleted."""
        attempt = self._schema.table("JobAttempt")
        connection.execute(delete(attempt).where(attempt.c.job_id == job_id))

    def forget_orphans(self, connection: Connection, among: Sequence[str] | None = None) -> None:
        """Delete the attempts of jobs that are no more: of these (then nobody reads the whole table), or of all."""
        job, attempt = self._schema.table("Job"), self._schema.table("JobAttempt")
        is_there = select(job.c.id).where(job.c.id == attempt.c.job_id).exists()
        named = () if among is None else (attempt.c.job_id.in_(among),)
        connection.execute(delete(attempt).where(*named, ~is_there))

    def _judged(self, connection: Connection, outcome: Outcome) -> Outcome:
        run = outcome.run
        rows = self._held.fetch(connection, job_id=run.job_id, process=run.process, run_attempt=run.attempt)
        if not rows:  # somebody else has closed it
            return outcome
        job_type, started_at, former_crashes = rows[0]
        if outcome.cause is not None and outcome.cause.is_crash:
            crashes = 1 + (former_crashes if isinstance(former_crashes, int) else 0)
            self._count.run(connection, job_id=run.job_id, crash_count=crashes)
            if outcome.status == PENDING and crashes >= self._poison_limit(job_type):
                return outcome._replace(message=_set_aside(outcome, crashes), verdict=Verdict(FAILED, started_at))
        return outcome._replace(verdict=Verdict(outcome.status, started_at, self._next_start(outcome, job_type)))

    def _next_start(self, outcome: Outcome, job_type: str | None) -> datetime | None:
        if outcome.status != PENDING:
            return None
        seconds = self._pause(outcome, job_type)
        return None if seconds is None else (outcome.ended_at or clock.now()) + timedelta(seconds=seconds)

    def _pause(self, outcome: Outcome, job_type: str | None) -> float | None:
        """What the job asked for, or else what its type says."""
        if outcome.cause is not None and outcome.cause.retry_in_seconds is not None:
            return outcome.cause.retry_in_seconds
        backoff = self._backoff(job_type)
        return None if backoff is None else backoff.seconds_after(outcome.run.attempt, random.random())

    def _poison_limit(self, job_type: str | None) -> int:
        limit = self._metadata.get(["app", "jobTypes", job_type or "", "poisonLimit"])
        return limit if type(limit) is int and limit > 0 else POISON_LIMIT

    def _backoff(self, job_type: str | None) -> Backoff | None:
        try:
            return backoff_of(self._metadata.get(["app", "jobTypes", job_type or "", "backoff"]))
        except ValueError as error:
            if job_type not in self._warned_of:
                self._warned_of.add(job_type)
                text = "app/jobTypes.json: backoff of the job type '%s' %s. Its jobs are tried again at once."
                logger.warning(text, job_type, error)
            return None

    @cached_property
    def _held(self) -> PreparedStatement:
        # Locked, so that nobody else closes the run between this look and the writing of its end.
        c = self._schema.table("Job").c
        this_run = (
            c.id == bindparam("job_id"),
            c.run_process == bindparam("process"),
            c.attempt == bindparam("run_attempt"),
        )
        found = select(c.type, c.started_at, c.crashes).where(*this_run).with_for_update()
        return PreparedStatement(found, self._database.engine.dialect)

    @cached_property
    def _count(self) -> PreparedStatement:
        job = self._schema.table("Job")
        counted = update(job).where(job.c.id == bindparam("job_id")).values(crashes=bindparam("crash_count"))
        return PreparedStatement(counted, self._database.engine.dialect)

    @cached_property
    def _record(self) -> PreparedStatement:
        table = self._schema.table("JobAttempt")
        c = table.c
        row = {
            "id": bindparam("new_id"),
            "job_id": bindparam("job_id"),
            "attempt": bindparam("run_attempt"),
            "status": bindparam("run_status"),
            # Not read into a moment: where bare SQL wrote what is none, that is no reason to write no end.
            "started_at": bindparam("run_started_at", type_=MomentAsRead()),
            "ended_at": bindparam("run_ended_at", type_=c.ended_at.type),
            "node": bindparam("run_node"),
            "pid": bindparam("run_pid"),
            "error": bindparam("run_error"),
            "traceback": bindparam("run_traceback"),
        }
        return PreparedStatement(insert(table).values(row), self._database.engine.dialect)


def _set_aside(outcome: Outcome, crashes: int) -> str:
    times = "1 crash" if crashes == 1 else f"{crashes} crashes"
    return f"The job was set aside after {times}, though attempts are left. The last one: {outcome.message}"


def _is_open(outcome: Outcome) -> bool:
    is_plain = outcome.is_success and outcome.run.attempt == 1
    return not is_plain and outcome.verdict is None
