"""The job type Tick."""

import os
import struct
from functools import cache
from pathlib import Path

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface

RECORD = struct.Struct("<Q")


class Tick(AbstractJob, JobInterface):
    """Does nothing, but for a note that it ran, as the jobs of the other systems do (`benchmarks/peers/work.py`)."""

    def run(self, job: Job) -> None:
        """Writes `payload.number`, eight bytes at the end of the installation's file `data/ticks`."""
        os.write(_descriptor(), RECORD.pack(job.get_payload()["number"]))


@cache
def _descriptor() -> int:
    return os.open(Path(__file__).parents[3] / "data" / "ticks", os.O_WRONLY | os.O_APPEND)
