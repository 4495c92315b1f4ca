"""The job type Sleep."""

import time

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface


class Sleep(AbstractJob, JobInterface):
    """Waits as a job does that waits for a network."""

    def run(self, job: Job) -> None:
        """Sleeps for 50 ms."""
        time.sleep(0.05)
