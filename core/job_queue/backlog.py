"""How much waits, what runs, and which schedule comes next. Nothing here counts a whole table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, false, func, select, true

from core.job_queue.states import AWAITING, PENDING
from core.job_queue.switched_off import BEGINNING
from core.orm.column_types import moment_or_none
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: Waiting jobs are counted up to here; what is more is `10,000+`.
MOST_COUNTED = 10_000
_MOST_RUNS = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs of a type are due, and since when the oldest of them is; None where its row cannot be read."""

    type: str
    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that a process of some machine holds."""

    job_id: str
    type: str
    status: str
    pid: int | None
    started_at: datetime | None
    node: str
    process: str
    schedule_id: str | None
    key: str | None = None
    priority: object = None


@dataclass(frozen=True, slots=True)
class NextFire:
    """The next time of a schedule."""

    schedule_id: str
    name: str
    type: str
    fire_time: datetime | None


@dataclass(frozen=True, slots=True)
class StoppedSchedule:
    """A schedule that was switched off, as it failed too often."""

    schedule_id: str
    name: str


class Backlog:
    """Reads only, each by an index and with an end."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema

    def due(self, connection: Connection, now: datetime) -> list[Waiting]:
        """The due jobs by type, those that have waited longest first; of more than MOST_COUNTED the oldest of them."""
        rows = self._statements["due"].fetch(connection, now=now, status=PENDING, most=MOST_COUNTED + 1)
        return [Waiting(_text(kind), int(count), moment_or_none(oldest)) for kind, count, oldest in rows]

    def later(self, connection: Connection, now: datetime) -> int:
        """How many jobs wait for their time; MOST_COUNTED + 1 stands for any number above."""
        rows = self._statements["later"].fetch(connection, now=now, status=PENDING, most=MOST_COUNTED + 1)
        return int(rows[0][0])

    def held(self, connection: Connection) -> list[HeldRow]:
        """The rows that processes of all machines hold, the oldest runs first; no more than 500."""
        return [
            HeldRow(
                *(str(job_id), _text(kind), status, pid, moment_or_none(started_at), str(node), str(process)),
                *others,
            )
            for job_id, kind, status, pid, started_at, node, process, *others in self._statements["held"].fetch(
                connection
            )
        ]

    def next_fires(self, connection: Connection, most: int) -> list[NextFire]:
        """The schedules that come next."""
        return [
            NextFire(str(schedule_id), _text(name), _text(kind), moment_or_none(fire_time))
            for schedule_id, name, kind, fire_time in self._statements["fires"].fetch(connection, most=most)
        ]

    def stopped(self, connection: Connection, most: int) -> list[StoppedSchedule]:
        """The schedules that failed too often, until they are switched on, removed, or have no `maxFailures` more."""
        rows = self._statements["stopped"].fetch(connection, beginning=f"{BEGINNING}%", most=most)
        return [StoppedSchedule(str(schedule_id), _text(name)) for schedule_id, name in rows]

    def row(self, connection: Connection, job_id: str) -> dict[str, Any] | None:
        """The columns of a job by name, as the driver gives them; None where there is no such job."""
        table = self._schema.table("Job")
        row = self._statements["row"].fetch(connection, job_id=job_id)
        return dict(zip((column.name for column in table.c), row[0], strict=True)) if row else None

    def schedule_name(self, connection: Connection, schedule_id: str) -> str | None:
        """What a schedule is called; None where it is gone."""
        rows = self._statements["schedule"].fetch(connection, schedule_id=schedule_id)
        return _text(rows[0][0]) if rows else None

    def queued_before(self, connection: Connection, schedule_id: str, execute_time: datetime) -> str | None:
        """The job of a schedule that waits for its turn and comes first, if it comes before this time."""
        rows = self._statements["queued"].fetch(
            connection, schedule_id=schedule_id, execute_time=execute_time, status=AWAITING
        )
        return str(rows[0][0]) if rows else None

    @cached_property
    def _statements(self) -> dict[str, PreparedStatement]:
        job, schedule = self._schema.table("Job").c, self._schema.table("ScheduledJob").c
        now = bindparam("now", type_=job.execute_time.type)
        # Bound, not literal: the index of (status, execute_time) is meant, not that of the waiting jobs by priority.
        waits = (job.status == bindparam("status"), job.deleted.is_(False))
        oldest = (
            select(job.type, job.execute_time)
            .where(*waits, job.execute_time <= now)
            .order_by(job.execute_time)
            .limit(bindparam("most"))
            .subquery()
        )
        since = func.min(oldest.c.execute_time)
        some_later = select(job.id).where(*waits, job.execute_time > now).limit(bindparam("most")).subquery()
        statements: dict[str, Any] = {
            "row": select(*job).where(job.id == bindparam("job_id"), job.deleted.is_(False)),
            "schedule": select(schedule.name).where(schedule.id == bindparam("schedule_id")),
            "queued": select(job.id)
            .where(
                *waits,
                job.scheduled_job_id == bindparam("schedule_id"),
                job.execute_time < bindparam("execute_time", type_=job.execute_time.type),
            )
            .order_by(job.execute_time)
            .limit(1),
            "due": select(oldest.c.type, func.count(), since).group_by(oldest.c.type).order_by(since),
            "later": select(func.count()).select_from(some_later),
            "held": select(
                *(job.id, job.type, job.status, job.pid, job.started_at),
                *(job.run_node, job.run_process, job.scheduled_job_id, job.concurrency_key, job.priority),
            )
            .where(job.run_process.is_not(None), job.run_node >= "")
            .order_by(job.started_at)
            .limit(_MOST_RUNS),
            "fires": select(schedule.id, schedule.name, schedule.type, schedule.next_fire_time)
            .where(schedule.is_active == true(), schedule.deleted.is_(False), schedule.next_fire_time.is_not(None))
            .order_by(schedule.next_fire_time)
            .limit(bindparam("most")),
            "stopped": select(schedule.id, schedule.name)
            .where(
                *(schedule.is_active == false(), schedule.deleted.is_(False), schedule.max_failures.is_not(None)),
                schedule.message.like(bindparam("beginning")),
            )
            .order_by(schedule.name, schedule.id)
            .limit(bindparam("most")),
        }
        dialect = self._database.engine.dialect
        return {name: PreparedStatement(statement, dialect) for name, statement in statements.items()}


def count_in_words(count: int) -> str:
    """`7`, or `10,000+` where nobody counted on."""
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count)


def total(waiting: Iterable[Waiting]) -> int:
    """All of them."""
    return sum(each.count for each in waiting)


def _text(value: object) -> str:
    # Bare SQL may have written anything.
    return "" if value is None else str(value)
