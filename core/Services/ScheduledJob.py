"""The service of schedules."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from core.Entities.Role import EDIT
from core.exceptions import BadRequest, MetadataError, NotUnique
from core.log import logger
from core.orm import Entity
from core.orm.database import DATABASE_ERRORS
from core.orm.definition import as_object
from core.records.record_input import PREVIOUS
from core.Services.AbstractRecord import Data
from core.Services.Record import Record
from core.set_aside import reason_of

if TYPE_CHECKING:
    from core.Repositories.ScheduledJob import ScheduledJob as Schedules

_EXECUTE_NOW_PRIORITY = 200
#: What the ids of planted schedules are made from, with their names in `app.scheduledJobs`.
_PLANTED = uuid.UUID("0f1f0f0e-5a7a-4a52-8c7b-3f4c1d1a9b60")
_CANNOT_BE_MADE = "app/scheduledJobs.json: the schedule '%s' cannot be made: %s"


class ScheduledJob(Record):
    """Schedules as the API works with them, running one now, and those that an installation gets from its modules."""

    def execute_now(self, schedule_id: str) -> Entity:
        """Make a job that runs at once, also of an inactive schedule; returns it (AtroCore 5.4). Raises NotFound."""
        with self._entry("run") as entry:
            schedule = self._find(schedule_id)
            entry.judge(schedule)
            manager = self.get_entity_manager()
            job = manager.get_entity("Job")
            job.set(
                {
                    **{name: schedule.get(name) for name in ("name", "type", "payload")},
                    "scheduledJobId": schedule.id,
                    "priority": _EXECUTE_NOW_PRIORITY,
                }
            )
            with entry.transaction():
                manager.save_entity(job)
                entry.note(schedule, None, {"jobId": job.id})
            return job

    def _actions_of(self, data: Data) -> tuple[str, ...]:
        """To pause and to resume a schedule is a right of its own."""
        names = {name for name in data if name != PREVIOUS} if isinstance(data, Mapping) else set()
        return ("pause",) if names == {"isActive"} else ("pause", EDIT) if "isActive" in names else (EDIT,)

    def plant(self) -> int:
        """Make the schedules of `app.scheduledJobs` that have never been; returns how many.

        One that somebody has removed stays away. One that is refused is a warning, and keeps no other one away.
        """
        planted = 0
        for name, entry in self._missing():
            schedule = self.get_repository().make()
            try:
                schedule.set({"name": name, **entry, "id": _id_of(name)})
                self.get_repository().save(schedule)
                planted += 1
            except NotUnique:  # another process was quicker
                continue
            except DATABASE_ERRORS:
                raise
            except BadRequest as error:
                logger.warning(_CANNOT_BE_MADE, name, error)
            except Exception as error:  # noqa: BLE001 - a module's listener or payloadSchema: jobs have to run all the same
                logger.error(_CANNOT_BE_MADE, name, reason_of(error), exc_info=True)
        return planted

    def check(self) -> dict[str, str]:
        """By name why schedules of `app.scheduledJobs` could never be made; needs no database.

        What the file's schema judges, and expressions and zones, are left to the metadata's own check.
        """
        repository, wrong = cast("Schedules", self.get_repository()), {}
        for name, entry in self._seeds().items():
            schedule = repository.make()
            try:
                schedule.set({"name": name, **entry})
                repository.judge_payload(schedule)
            except (BadRequest, MetadataError) as error:
                wrong[name] = str(error)
        return wrong

    def _seeds(self) -> dict[str, Mapping[str, Any]]:
        entries = as_object(self.get_metadata().get("app.scheduledJobs"))
        return {name: as_object(entry) for name, entry in entries.items()}

    def _missing(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        seeds = self._seeds()
        ids = [_id_of(name) for name in seeds]
        were = self.get_repository().with_deleted()
        known = {row.id for row in were.where({"id": ids}).select(["id"]).find()} if ids else set()
        for name, entry in seeds.items():
            if entry and _id_of(name) not in known and not self._has_one_already(str(entry.get("type"))):
                yield name, entry

    def _has_one_already(self, job_type: str) -> bool:
        """Whether a type of which there may be one schedule has, or had, one that a person made."""
        is_unique = as_object(self.get_metadata().get(["app", "jobTypes", job_type])).get("unique") is True
        return is_unique and bool(self.get_repository().with_deleted().where({"type": job_type}).exists())


def _id_of(name: str) -> str:
    return str(uuid.uuid5(_PLANTED, name))
