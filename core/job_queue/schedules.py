"""The rows of schedules: which are to be planned, and the jobs that wait for their fire times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, false, null, or_, select, true, update

from core.job_queue.counters import Counters
from core.job_queue.states import AWAITING, CANCELED, PENDING
from core.orm.column_types import MomentAsRead, moment_or_none, to_moment
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

#: The columns of a schedule that are read to plan it.
_COLUMNS = (
    *("id", "name", "type", "scheduling", "time_zone", "payload", "priority", "catch_up", "jitter_seconds"),
    *("starts_at", "ends_at", "counts_from", "next_fire_time", "planned_at", "planned_zone", "modified_at", "message"),
)

#: How the message of a schedule begins that has no fire time left, and that of a job whose time was missed.
OVER, MISSED = "It is over:", "Missed:"
#: Schedules in one statement.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """An active schedule as it was read; `values` maps its columns to the driver's values."""

    values: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The schedule."""
        return str(self.values["id"])

    def text(self, column: str) -> str | None:
        """What a column of texts holds; None where that is nothing."""
        value = self.values[column]
        return str(value) if value else None

    def moment(self, column: str) -> datetime | None:
        """What a column of moments holds; bare SQL may have written anything, which counts as nothing."""
        return moment_or_none(self.values[column])


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows for a schedule: jobs for these fire times, and which of them, or none, waits in the queue now.

    `end` says why no fire time is left, and the schedule is switched off.
    """

    row: ScheduleRow
    zone: str
    fires: tuple[datetime, ...]
    next_fire: datetime | None
    end: str | None = None


class Schedules:
    """All that the job manager reads and writes of schedules. Each change is guarded by all that was read."""

    def __init__(self, database: Database, schema: Schema, counters: Counters) -> None:
        self._database = database
        self._schema = schema
        self._counters = counters

    def to_be_planned(self, connection: Connection, now: datetime, most: int) -> list[ScheduleRow]:
        """Active schedules with no fire time yet, and those whose time has come; no more than `most` of either."""
        statements = self._statements
        rows = statements["unplanned"].fetch(connection, most=most)
        rows += statements["due"].fetch(connection, now=now, most=most)
        return [ScheduleRow(dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def next_fire_at(self, connection: Connection, now: datetime) -> datetime | None:
        """When the next schedule becomes due."""
        found = self._statements["next"].fetch(connection, now=now)
        return to_moment(found[0][0]) if found else None

    def last_fire(self, connection: Connection, schedule_id: str, now: datetime) -> datetime | None:
        """The latest fire time until now for which the schedule had a job."""
        found = self._statements["last_fire"].fetch(connection, schedule_id=schedule_id, now=now)
        return to_moment(found[0][0]) if found else None

    def write(self, connection: Connection, plans: Sequence[Plan], now: datetime) -> list[Plan]:
        """Write the plans; returns those whose schedules were still as they had been read."""
        if not plans:
            return []
        rows = [
            {
                "schedule_id": plan.row.id,
                "read_fire_time": plan.row.values["next_fire_time"],
                "read_modified_at": plan.row.values["modified_at"],
                "read_planned_at": plan.row.values["planned_at"],
                "fire_time": plan.next_fire,
                "zone": plan.zone,
                "active": plan.end is None,
                "new_message": plan.end,
                "now": now,
            }
            # In order, as two that lock in different orders wait for each other.
            for plan in sorted(plans, key=lambda plan: plan.row.id)
        ]
        if self._statements["plan"].run_many(connection, rows) == len(plans):
            return list(plans)
        # The moment, to the microsecond, is this round's own mark.
        return [p for p in plans if self._statements["planned"].fetch(connection, schedule_id=p.row.id, now=now)]

    def taken(self, connection: Connection, plans: Iterable[Plan]) -> set[tuple[str, datetime]]:
        """Which of the fire times have a job already, canceled and removed ones too: (schedule, fire time)."""
        job = self._job
        ids = [plan.row.id for plan in plans if plan.fires]
        fires = [fire for plan in plans for fire in plan.fires]
        if not ids:
            return set()
        found = select(job.c.scheduled_job_id, job.c.fire_time).where(
            job.c.scheduled_job_id.in_(ids), job.c.fire_time >= min(fires), job.c.fire_time <= max(fires)
        )
        return {(row[0], row[1]) for row in connection.execute(found)}

    def miss(self, connection: Connection, schedule_id: str, fire_time: datetime, message: str, now: datetime) -> None:
        """Cancel the job of a fire time whose time is over, if it never began."""
        job = self._job
        its_job = (job.c.scheduled_job_id == schedule_id, job.c.fire_time == fire_time)
        waiting = list(connection.execute(select(job.c.id).where(*its_job, *self._waits)).scalars())
        missed = update(job).where(*its_job, *self._waits)
        canceled = {"status": CANCELED, "message": message, "ended_at": now, "modified_at": now}
        if connection.execute(missed.values(canceled)).rowcount:
            self._counters.add_jobs(connection, waiting, CANCELED, now)

    def drop_waiting(self, connection: Connection, schedule_id: str, after: datetime | None = None) -> None:
        """Delete the jobs that wait for a fire time (`after` a moment), as if they had never been planned."""
        job = self._job
        later = () if after is None else (job.c.fire_time > after,)
        connection.execute(delete(job).where(job.c.scheduled_job_id == schedule_id, *self._waits, *later))

    def forget_plans(self, connection: Connection, zone: str, now: datetime, tolerated_until: datetime) -> list[str]:
        """Let those be planned anew that were planned in another zone, or by a clock that was ahead; returns the ids.

        `zone` is that of schedules which name none; a plan made later than `tolerated_until` is from such a clock.
        """
        c, job = self._schedule.c, self._job.c
        is_ahead = c.planned_at > tolerated_until
        in_other_zone = c.time_zone.is_(None) & (c.planned_zone != zone)
        has_plan = and_(c.is_active == true(), c.next_fire_time.is_not(None), or_(is_ahead, in_other_zone))
        has_ended = and_(c.is_active == false(), c.message.startswith(OVER), is_ahead)
        doubtful = select(c.id).where(c.deleted.is_(False), or_(has_plan, has_ended)).order_by(c.id)
        waits = and_(*self._waits, job.fire_time > now)
        was_missed = and_(job.status == CANCELED, job.message.startswith(MISSED), job.ended_at > tolerated_until)
        seen = list(connection.execute(doubtful).scalars())
        ids: list[str] = []
        for first in range(0, len(seen), _AT_ONCE):
            # Somebody may have changed them meanwhile. They are locked by id and before their jobs, as by who plans.
            still = doubtful.where(c.id.in_(seen[first : first + _AT_ONCE])).with_for_update()
            some = list(connection.execute(still).scalars())
            again = {"is_active": True, "message": null(), "next_fire_time": null(), "planned_at": now}
            connection.execute(update(self._schedule).where(c.id.in_(some)).values(again))
            connection.execute(delete(self._job).where(job.scheduled_job_id.in_(some), or_(waits, was_missed)))
            ids += some
        return ids

    def say(self, connection: Connection, schedule_id: str, message: str) -> None:
        """Write why a schedule cannot be planned."""
        schedule = self._schedule
        connection.execute(update(schedule).where(schedule.c.id == schedule_id).values(message=message))

    @property
    def _job(self) -> Table:
        return self._schema.table("Job")

    @property
    def _schedule(self) -> Table:
        return self._schema.table("ScheduledJob")

    @property
    def _waits(self) -> tuple[Any, ...]:
        """A job that stands for a fire time and has not begun; a retry has."""
        job = self._job.c
        return (
            *(job.fire_time.is_not(None), job.status.in_((PENDING, AWAITING))),
            *(job.attempt == 0, job.run_process.is_(None)),
        )

    @cached_property
    def _statements(self) -> dict[str, PreparedStatement]:
        c, job = self._schedule.c, self._job
        is_active = (c.is_active == true(), c.deleted.is_(False))
        columns = [c[name] for name in _COLUMNS]
        moment = c.next_fire_time.type
        statements: dict[str, Any] = {
            "unplanned": select(*columns)
            .where(*is_active, c.next_fire_time.is_(None))
            .order_by(c.id)
            .limit(bindparam("most")),
            "due": select(*columns)
            .where(*is_active, c.next_fire_time <= bindparam("now", type_=moment))
            .order_by(c.next_fire_time)
            .limit(bindparam("most")),
            "next": select(c.next_fire_time)
            .where(*is_active, c.next_fire_time > bindparam("now", type_=moment))
            .order_by(c.next_fire_time)
            .limit(1),
            "last_fire": select(job.c.fire_time)
            .where(
                job.c.scheduled_job_id == bindparam("schedule_id"),
                job.c.fire_time.is_not(None),
                job.c.fire_time <= bindparam("now", type_=moment),
            )
            .order_by(job.c.fire_time.desc())
            .limit(1),
            "plan": update(self._schedule)
            .where(
                c.id == bindparam("schedule_id"),
                *is_active,
                c.next_fire_time.is_not_distinct_from(bindparam("read_fire_time", type_=MomentAsRead())),
                c.modified_at.is_not_distinct_from(bindparam("read_modified_at", type_=MomentAsRead())),
                # Planned and forgotten again looks as if nothing had happened, and jobs that were seen are gone.
                c.planned_at.is_not_distinct_from(bindparam("read_planned_at", type_=MomentAsRead())),
            )
            .values(
                {
                    "next_fire_time": bindparam("fire_time", type_=moment),
                    "planned_at": bindparam("now", type_=moment),
                    "planned_zone": bindparam("zone"),
                    "is_active": bindparam("active", type_=c.is_active.type),
                    "message": bindparam("new_message"),
                }
            ),
            "planned": select(c.id).where(
                c.id == bindparam("schedule_id"), c.planned_at == bindparam("now", type_=moment)
            ),
        }
        dialect = self._database.engine.dialect
        return {name: PreparedStatement(statement, dialect) for name, statement in statements.items()}
