"""What a schedule's rules make of its jobs: no two runs at once where it says so, an end after failures in a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, and_, select, true, update

from core.job_queue.counters import Counters
from core.job_queue.schedules import Schedules
from core.job_queue.statements import KEYS
from core.job_queue.states import AWAITING, CANCELED, FAILED, PENDING, RUNNING, SUCCESS
from core.job_queue.switched_off import switched_off
from core.log import logger
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema

ALLOW, SKIP, QUEUE, REPLACE = "allow", "skip", "queue", "replace"
#: Where runs take longer than the time between them, no more than so many wait for their turn.
MOST_QUEUED = 100


_Schedule = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ScheduledStart:
    """A job of a schedule that is about to start. `schedule` is the schedule's id and the job's type."""

    schedule: _Schedule
    job_id: str
    fire_time: datetime | None


@dataclass(frozen=True, slots=True)
class _Unfinished:
    job_id: str
    status: str
    fire_time: datetime | None

    def comes_before(self, start: ScheduledStart) -> bool:
        """Whether the start has to wait for it: a later one that waits itself is none."""
        if self.status != AWAITING or self.fire_time is None or start.fire_time is None:
            return True
        return self.fire_time < start.fire_time


class ScheduleRules:
    """Judges the jobs of fire times where they are started and where they end, in the transaction that does it.

    A schedule's own runs are its jobs of its own type, those that a person started included; what these fan out has
    other types.
    """

    def __init__(
        self,
        database: Database,
        schema: Schema,
        schedules: Schedules,
        counters: Counters,
        announce: Callable[[], None],
    ) -> None:
        self._database = database
        self._schema = schema
        self._schedules = schedules
        self._counters = counters
        self._announce = announce

    def held_back(self, connection: Connection, jobs: Sequence[ScheduledStart], now: datetime) -> set[str]:
        """Which of these jobs may not start now, as another run of their schedule is not over.

        They are canceled (`skip`), or wait until it is (`queue`, `replace`, which ends the other run). A job that is
        for no fire time may always start: a person wants it to.
        """
        rules = self._locked_rules(connection, jobs)
        fires = [each for each in jobs if each.fire_time is not None and rules.get(each.schedule, ALLOW) != ALLOW]
        if not fires:
            return set()
        others = self._unfinished(connection)
        held: set[str] = set()
        for each in fires:
            own = others.setdefault(each.schedule, [])
            before = [run for run in own if run.comes_before(each)]
            if before:
                self._hold(connection, each.job_id, rules[each.schedule], before, now)
                held.add(each.job_id)
            is_waiting = each.job_id in held
            own.append(_Unfinished(each.job_id, AWAITING if is_waiting else PENDING, each.fire_time))
        return held

    def release(self, connection: Connection, now: datetime) -> int:
        """Let the oldest of those that wait for their turn start where no run is left; returns how many may."""
        count = 0
        for runs in self._unfinished(connection).values():
            if runs[0].status == AWAITING:
                count += self._set_status(connection, runs[0].job_id, AWAITING, PENDING, {"message": None}, now)
        if count:
            self._database.after_commit(self._announce)
        return count

    def has_queued(self, connection: Connection) -> bool:
        """Whether a job waits for its turn."""
        return bool(self._one_queued.fetch(connection))

    def note_starts(self, connection: Connection, started: Iterable[ScheduledStart], now: datetime) -> None:
        """Write when schedules ran last."""
        schedule = self._schedule
        for schedule_id, job_type in sorted({each.schedule for each in started}):
            own = (schedule.c.id == schedule_id, schedule.c.type == job_type)
            connection.execute(update(schedule).where(*own).values(last_run=now))

    def note_failures(self, connection: Connection, job_ids: Collection[str], now: datetime) -> None:
        """Switch schedules off of which one of these jobs, all Failed, was one failure in a row too many."""
        schedule, job = self._schedule, self._job
        limited = (
            select(schedule.c.id, schedule.c.name, schedule.c.max_failures, schedule.c.counts_from)
            .join(job, and_(job.c.scheduled_job_id == schedule.c.id, job.c.type == schedule.c.type))
            .where(job.c.id.in_(job_ids), schedule.c.max_failures > 0, schedule.c.is_active == true())
            .distinct()
        )
        for row in connection.execute(limited).all():
            if self._has_failed_too_often(connection, row):
                self._switch_off(connection, row, now)

    def _has_failed_too_often(self, connection: Connection, row: Any) -> bool:
        job = self._job.c
        since = () if row.counts_from is None else (job.fire_time > row.counts_from,)
        ended = (
            select(job.status)
            .where(
                *(job.scheduled_job_id == row.id, job.fire_time.is_not(None), job.status.in_((SUCCESS, FAILED))),
                *since,
            )
            .order_by(job.fire_time.desc())
            .limit(row.max_failures)
        )
        return list(connection.execute(ended).scalars()) == [FAILED] * row.max_failures

    def _switch_off(self, connection: Connection, row: Any, now: datetime) -> None:
        message = switched_off(row.max_failures)
        schedule = self._schedule
        switched = (
            update(schedule)
            .where(schedule.c.id == row.id, schedule.c.is_active == true())
            .values(is_active=False, next_fire_time=None, message=str(message), modified_at=now)
        )
        if connection.execute(switched).rowcount:
            self._schedules.drop_waiting(connection, row.id)
            self._database.after_commit(lambda: logger.error("ScheduledJob '%s' (%s): %s", row.id, row.name, message))

    def _locked_rules(self, connection: Connection, jobs: Sequence[ScheduledStart]) -> dict[_Schedule, str]:
        """How schedules overlap, where the jobs are of their own type. Of two job managers one waits for the other
        here, and sees what that has started."""
        schedule = self._schedule.c
        ids, types = {each.schedule[0] for each in jobs}, {each.schedule[1] for each in jobs}
        rules = select(schedule.id, schedule.type, schedule.overlap).where(
            schedule.id.in_(sorted(ids)), schedule.type.in_(sorted(types))
        )
        # In order, as two that lock in different orders wait for each other.
        locked = connection.execute(rules.order_by(schedule.id).with_for_update())
        return {(row.id, row.type): row.overlap for row in locked}

    def _hold(
        self, connection: Connection, job_id: str, overlap: str, before: Sequence[_Unfinished], now: datetime
    ) -> None:
        former = before[0].job_id
        if overlap == SKIP:
            self._cancel(connection, job_id, PENDING, f"Skipped, as the run before (job '{former}') was not over.", now)
            return
        if overlap == REPLACE:
            for other in before:
                text = f"Replaced by the next run (job '{job_id}')."
                self._cancel(connection, other.job_id, other.status, text, now)
            self._database.after_commit(self._announce)
        elif len(before) > MOST_QUEUED:
            text = (
                f"Skipped, as {MOST_QUEUED} runs wait for their turn already: they take longer than what lies between."
            )
            self._cancel(connection, job_id, PENDING, text, now)
            return
        message = {"message": "Waits for the end of the run before."}
        self._set_status(connection, job_id, PENDING, AWAITING, message, now)

    def _cancel(self, connection: Connection, job_id: str, status: str, message: str, now: datetime) -> None:
        if status == CANCELED:
            return
        # A run ends when its process is gone.
        values: dict[str, Any] = {"message": message} if status == RUNNING else {"message": message, "ended_at": now}
        values.update(dict.fromkeys(KEYS))
        if self._set_status(connection, job_id, status, CANCELED, values, now):
            self._counters.add_jobs(connection, [job_id], CANCELED, now)

    def _set_status(
        self, connection: Connection, job_id: str, old: str, new: str, values: dict[str, Any], now: datetime
    ) -> int:
        job = self._job
        changed = update(job).where(job.c.id == job_id, job.c.status == old, job.c.deleted.is_(False))
        return connection.execute(changed.values(status=new, modified_at=now, **values)).rowcount

    def _unfinished(self, connection: Connection) -> dict[_Schedule, list[_Unfinished]]:
        """By schedule and type the runs that a process holds, then those that wait for their turn, the oldest first."""
        job = self._job.c
        columns = (job.scheduled_job_id, job.type, job.id, job.status, job.fire_time)
        # All that run, not those of some schedules: they are few, and stand together in an index.
        held = select(*columns).where(job.run_process.is_not(None), job.run_node >= "")
        held = held.where(job.scheduled_job_id.is_not(None))
        queued = select(*columns).where(*self._is_queued)
        runs: dict[_Schedule, list[_Unfinished]] = {}
        for query in (held.order_by(job.started_at), queued.order_by(job.fire_time)):
            for schedule_id, job_type, *run in connection.execute(query):
                runs.setdefault((schedule_id, job_type), []).append(_Unfinished(*run))
        return runs

    @property
    def _job(self) -> Table:
        return self._schema.table("Job")

    @property
    def _schedule(self) -> Table:
        return self._schema.table("ScheduledJob")

    @property
    def _is_queued(self) -> tuple[Any, ...]:
        job = self._job.c
        return job.status == AWAITING, job.fire_time.is_not(None), job.deleted.is_(False)

    @cached_property
    def _one_queued(self) -> PreparedStatement:
        query = select(self._job.c.id).where(*self._is_queued).limit(1)
        return PreparedStatement(query, self._database.engine.dialect)
