"""Bringing the installation up to its metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface

if TYPE_CHECKING:
    from core.data_manager import DataManager
    from core.Entities import Job


class Rebuild(AbstractJob, JobInterface):
    """Does what `rebuild` does: clears the cache, merges the metadata anew, makes the database as they define it."""

    def run(self, job: Job) -> None:
        manager: DataManager = self.get_container().get("dataManager")
        update = manager.rebuild()
        tables = f"The database has the tables of {', '.join(self.get_entity_manager().schema.names())}."
        job.set("message", "\n".join([tables, *(f"{each.sql};" for each in update.done)]))
