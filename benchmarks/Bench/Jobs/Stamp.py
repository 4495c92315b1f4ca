"""The job type Stamp."""

import time
from pathlib import Path

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface


class Stamp(AbstractJob, JobInterface):
    """Says when its code was reached, on the clock that all processes of one boot share."""

    def run(self, job: Job) -> None:
        """Writes the nanoseconds of CLOCK_MONOTONIC as a line into the pipe `payload.pipe`."""
        started = time.monotonic_ns()
        with Path(job.get_payload()["pipe"]).open("w") as pipe:
            pipe.write(f"{started}\n")
