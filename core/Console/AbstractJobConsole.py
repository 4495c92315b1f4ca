"""What the commands about jobs share."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import NotFound
from core.log import logger
from core.terminal import output

if TYPE_CHECKING:  # both load the database's library
    from core.Entities import Job
    from core.Repositories import Job as JobRepository


class AbstractJobConsole(AbstractConsole):
    """A command about jobs."""

    @property
    def job_repository(self) -> JobRepository:
        """Where jobs are found."""
        return cast("JobRepository", self.get_entity_manager().get_repository("Job"))

    @property
    def job_types(self) -> dict[str, dict[str, Any]]:
        """The entries of the job types by name; what is no object is no job type."""
        entries = self.get_metadata().get(["app", "jobTypes"])
        if not isinstance(entries, dict):
            return {}
        return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}

    def find_job(self, job_id: str) -> Job:
        """The job as it is now; raises NotFound with AtroCore's text."""
        # As a list reads it: a value that bare SQL broke must not keep a person from the others.
        job = self.job_repository.where("id", job_id).find_one() if job_id else None
        if job is None:
            raise NotFound("No such job!")
        return cast("Job", job)

    def change_status(self, job_id: str, status: str, done: str) -> int:
        """Give a job another status and say so; a status that it has already is said as well, and is no error."""
        job = self.find_job(job_id)
        if job.get("status") == status:
            output.info(f"The job is {status} already.")
            return 0
        job.set("status", status)
        self.get_entity_manager().save_entity(job)
        output.success(done)
        return 0

    def warn_of_overrides(self) -> None:
        """Say which job types a module has replaced without declaring it."""
        for level, text in self.get_metadata().override_messages():
            if level >= logging.WARNING:
                output.warning(text)
                logger.warning(text)

    def warn_of_idleness(self, job_type: str | None = None) -> None:
        """Say so if nobody is there to run jobs of a type, or of any, or may."""
        for why in self.get_container().get("jobManager").why_idle(job_type):
            output.warning(why)
