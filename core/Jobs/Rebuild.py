"""Bringing the installation up to its metadata."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface

if TYPE_CHECKING:
    from core.Entities import Job


class Rebuild(AbstractJob, JobInterface):
    """Clears the cache, merges the metadata anew, and creates the tables, columns and indexes that are missing."""

    def run(self, job: Job) -> None:
        # What another process writes there meanwhile is fresh, and may stay.
        shutil.rmtree(self.get_config().root / "data" / "cache", ignore_errors=True)
        self.get_metadata().reload()
        manager = self.get_entity_manager()
        manager.reload()
        with manager.transaction() as connection:
            manager.schema.ensure(connection)
        job.set("message", f"The database has the tables of {', '.join(manager.schema.names())}.")
