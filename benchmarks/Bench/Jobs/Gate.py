"""The job type Gate."""

import fcntl
from pathlib import Path

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface


class Gate(AbstractJob, JobInterface):
    """Keeps its worker busy, without a poll, until the benchmark lets go of the lock on the gate's file."""

    def run(self, job: Job) -> None:
        """Waits for a shared lock on the file `payload.gate`."""
        with Path(job.get_payload()["gate"]).open() as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
