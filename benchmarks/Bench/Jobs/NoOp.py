"""The job type NoOp."""

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface


class NoOp(AbstractJob, JobInterface):
    """Does nothing: what is left is the job system's own work."""

    def run(self, job: Job) -> None:
        """Does nothing."""
