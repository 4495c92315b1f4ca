"""Clearing all tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.ClearEntity import deleted_rows, outdated_rows
from core.Jobs.JobInterface import JobInterface

if TYPE_CHECKING:
    from core.Entities import Job
    from core.orm import Entity


class ClearEntities(AbstractJob, JobInterface):
    """Makes one ClearEntity job for each entity type that has rows to be removed, or to be deleted for good."""

    def run(self, job: Job) -> None:
        manager = self.get_entity_manager()
        names = [name for name in manager.schema.names() if self._has_work(name)]
        manager.save_entities([self._make_job(name, job) for name in names])
        job.set("message", f"To be cleared: {', '.join(names) or 'nothing'}.")

    def _has_work(self, entity_name: str) -> bool:
        repository = self.get_entity_manager().get_repository(entity_name)
        conditions = [rows(self.get_metadata(), entity_name) for rows in (outdated_rows, deleted_rows)]
        return any(each is not None and repository.where(each).exists() for each in conditions)

    def _make_job(self, entity_name: str, creator: Job) -> Entity:
        job = self.get_entity_manager().get_entity("Job")
        job.set(
            {
                "name": f"Clear {entity_name}",
                "type": "ClearEntity",
                "payload": {"entityName": entity_name},
                # So that it is listed with the schedule that it comes from.
                "scheduledJobId": creator.get("scheduledJobId"),
                "ownerUserId": creator.get("ownerUserId"),
            }
        )
        return job
