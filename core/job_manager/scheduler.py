"""Making schedules due: for each active one the next job stands in the queue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.config import Config
from core.container import Container
from core.exceptions import InvalidSchedule
from core.job_manager.fire_plan import MISSED_SECONDS, MOST_CAUGHT_UP, first_plan, is_missed, next_plan
from core.job_queue.pause import EVERYTHING
from core.job_queue.queue import JobQueue
from core.job_queue.schedules import MISSED, Plan, ScheduleRow
from core.log import logger
from core.orm import Entity, EntityManager
from core.orm.database import DATABASE_ERRORS, Database

#: Schedules in one transaction: few enough that nobody waits long.
_CHUNK = 100
_MOST_JITTER_SECONDS = 86_400  # what the field allows
# A plan that is so much younger than the clock says was made by a clock that was ahead.
_TOLERANCE = timedelta(seconds=5)


class Scheduler:
    """One of any number that may work on the same schedules at once: each fire time gets one job.

    `tend` does a little where it `is_due`, and says whether there is more of it.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._config: Config = container.get("config")
        self._database: Database = container.get("connection")
        self._queue: JobQueue = container.get("jobQueue")
        self._refused: dict[str, tuple[Any, str]] = {}
        self._next_fire_at: datetime | None = None
        self._is_to_look = True
        self._zone: str | None = None
        self._clocks: tuple[float, datetime] | None = None

    def plant(self) -> None:
        """Make the schedules that core and the modules bring, where they have never been."""
        try:
            self._container.get("serviceFactory").create("ScheduledJob").plant()
        except DATABASE_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - a module may replace service, repository and entity; jobs run without
            logger.exception("The schedules of app/scheduledJobs.json cannot be made.")

    def make_all_due(self) -> None:
        """Tend until there is nothing left to do."""
        self.look_again()
        while self.tend():
            pass

    def look_again(self) -> None:
        """Have `tend` read the schedules: somebody may have changed one."""
        self._is_to_look = True

    def tend(self) -> bool:
        """Plan what is due, if there is anything to do; says whether there is more of it."""
        if not self.is_due:
            return False
        now, monotonic = clock.now(), clock.monotonic()
        self._is_to_look = False
        self._heed_clock_and_zone(now, monotonic)
        schedules = self._queue.schedules
        with self._database.read() as connection:
            if EVERYTHING in self._queue.states.pauses(connection):
                self._next_fire_at = None
                return False
            rows = schedules.to_be_planned(connection, now, _CHUNK + len(self._refused))
            last_fires = {
                row.id: schedules.last_fire(connection, row.id, now)
                for row in rows
                if row.values["next_fire_time"] is None and not self._is_refused(row)
            }
            has_queued = self._queue.rules.has_queued(connection)
        if has_queued:
            with self._database.write() as connection:
                self._queue.rules.release(connection, now)
        plans = [plan for row in rows if (plan := self._plan(row, last_fires.get(row.id), now)) is not None]
        if plans and self._write(plans, now):
            self.look_again()  # what was planned may be due itself
            return True
        with self._database.read() as connection:
            self._next_fire_at = schedules.next_fire_at(connection, now)
        return False

    @property
    def is_due(self) -> bool:
        """Whether there is something to do now."""
        return self.seconds_to_next() == 0.0

    def seconds_to_next(self) -> float | None:
        """How long there is nothing to do; None where no fire time is known."""
        if self._is_to_look:
            return 0.0
        if self._next_fire_at is None:
            return None
        return max(0.0, (self._next_fire_at - clock.now()).total_seconds())

    def _heed_clock_and_zone(self, now: datetime, monotonic: float) -> None:
        """Have plans made anew that a clock which was ahead, or another time zone in the configuration, has made."""
        zone = str(self._config.get("timeZone"))
        was_set_back = (
            self._clocks is None or now < self._clocks[1] + timedelta(seconds=monotonic - self._clocks[0]) - _TOLERANCE
        )
        if zone != self._zone or was_set_back:
            self._forget_plans(zone)
        # Not before: where the database fails it is to be done in the next round.
        self._zone, self._clocks = zone, (monotonic, now)

    def _forget_plans(self, zone: str) -> None:
        with self._database.write() as connection:
            now = clock.now()  # the turn to write may have taken its time, in which others have planned
            forgotten = self._queue.schedules.forget_plans(connection, zone, now, now + _TOLERANCE)
        if forgotten:
            logger.warning(
                "%d schedules are planned anew, as the clock was set back or the time zone has changed.", len(forgotten)
            )

    def _plan(self, row: ScheduleRow, last_fire: datetime | None, now: datetime) -> Plan | None:
        if self._is_refused(row):
            return None
        zone = self._zone_of(row)
        try:
            _judge_numbers(row)
            if row.values["next_fire_time"] is None:
                return first_plan(row, zone, last_fire, now)
            return next_plan(row, zone, now)
        except InvalidSchedule as error:
            self._refuse(row, str(error))
            return None

    def _write(self, plans: Sequence[Plan], now: datetime) -> bool:
        """Whether a plan was written; the others came too late, somebody else's stands."""
        schedules = self._queue.schedules
        with self._database.write() as connection:
            written = schedules.write(connection, plans, now)
            for plan in written:
                if is_missed(plan.row, now):
                    text = f"{MISSED} at its time no job manager was at work, and catchUp is none ({MISSED_SECONDS} s)."
                    fire_time = plan.row.moment("next_fire_time")
                    schedules.miss(connection, plan.row.id, fire_time or now, text, now)
            taken = schedules.taken(connection, written)
            jobs = [
                self._job(plan.row, fire) for plan in written for fire in plan.fires if (plan.row.id, fire) not in taken
            ]
            # No hooks, no listeners: code of modules has no place in the job manager.
            self._entity_manager.save_entities(jobs, {"skipAll": True})
        for plan in written:
            self._say(plan)
        return bool(written)

    def _say(self, plan: Plan) -> None:
        name = f"ScheduledJob '{plan.row.id}' ({plan.row.values['name']})"
        if plan.end is not None:
            logger.info("%s is switched off. %s", name, plan.end)
        if len(plan.fires) > MOST_CAUGHT_UP:
            logger.warning(
                "%s: only the last %d of the fire times that were missed are made up for.", name, MOST_CAUGHT_UP
            )
        elif len(plan.fires) > 1:
            logger.info("%s: %d fire times that were missed are made up for.", name, len(plan.fires) - 1)

    def _job(self, row: ScheduleRow, fire_time: datetime) -> Entity:
        job = self._entity_manager.get_entity("Job")
        job.fill(
            {
                "name": row.values["name"],
                "type": row.values["type"],
                "payload": _payload(row),
                "scheduledJobId": row.id,
                "fireTime": fire_time,
                "executeTime": fire_time + _jitter(row, fire_time),
            }
        )
        if row.values["priority"] is not None:
            job.fill({"priority": row.values["priority"]})
        self._entity_manager.get_repository("Job").complete(job)
        return job

    def _zone_of(self, row: ScheduleRow) -> str:
        return row.text("time_zone") or str(self._config.get("timeZone"))

    def _is_refused(self, row: ScheduleRow) -> bool:
        return self._refused.get(row.id) == (row.values["modified_at"], self._zone_of(row))

    def _refuse(self, row: ScheduleRow, text: str) -> None:
        """One that cannot be planned is said once, and left until somebody changes it, or the zone."""
        self._refused[row.id] = (row.values["modified_at"], self._zone_of(row))
        logger.error("ScheduledJob '%s' (%s) Failed: %s", row.id, row.values["name"], text)
        with self._database.write() as connection:
            self._queue.schedules.say(connection, row.id, text)

    @property
    def _entity_manager(self) -> EntityManager:
        manager: EntityManager = self._container.get("entityManager")
        return manager


def _payload(row: ScheduleRow) -> dict[str, Any] | None:
    text = row.text("payload")
    try:
        payload = None if text is None else json.loads(text)
    except ValueError:  # bare SQL writes anything
        return None
    return payload if isinstance(payload, dict) else None


def _judge_numbers(row: ScheduleRow) -> None:
    """Raise InvalidSchedule for what bare SQL may have written where numbers belong: SQLite takes any text."""
    jitter, priority = row.values["jitter_seconds"], row.values["priority"]
    if not isinstance(jitter, int | None) or (jitter or 0) > _MOST_JITTER_SECONDS:
        raise InvalidSchedule(f"jitterSeconds is {jitter!r}; it has to be a whole number from 0 to 86400.")
    if not isinstance(priority, int | float | None):
        raise InvalidSchedule(f"priority is {priority!r}, which is no number.")


def _jitter(row: ScheduleRow, fire_time: datetime) -> timedelta:
    """Up to `jitterSeconds`: the same for the same fire time, whoever computes it."""
    seconds = int(row.values["jitter_seconds"] or 0)
    if seconds <= 0:
        return timedelta()
    digest = hashlib.sha256(f"{row.id} {fire_time.isoformat()}".encode()).digest()
    return timedelta(milliseconds=int.from_bytes(digest[:8]) % (seconds * 1000 + 1))
