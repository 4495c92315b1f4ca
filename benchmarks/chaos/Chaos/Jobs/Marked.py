"""The job type of the chaos: it writes down when it begins and ends, and sees whether it runs beside itself."""

import fcntl
import os
import time
from pathlib import Path

from core.Entities import Job
from core.exceptions import Error
from core.Jobs import AbstractJob, JobInterface

DATA = Path(__file__).parents[3] / "data"


class Marked(AbstractJob, JobInterface):
    """`payload`: `seconds` that it takes, and what it does then: `fail`, `report`, `store`, or nothing more."""

    def run(self, job: Job) -> None:
        """Do it between two lines of the journal."""
        payload = job.get_payload()
        # One byte of a file stands for the job. Its lock goes with the process, at the very moment of its death.
        place = int(job.id.replace("-", "")[-15:], 16)
        with (DATA / "runs").open("ab") as runs:
            try:
                fcntl.lockf(runs, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
                company = "alone"
            except OSError:
                company = "beside"
            say("begin", job.id, job.get("attempt"), company)
            self._work(job, payload)
            say("end", job.id, job.get("attempt"), company)
        if payload["does"] == "fail":
            raise Error("It was to fail.")

    def _work(self, job: Job, payload: dict) -> None:
        if payload["does"] == "report":
            job.report_progress(1, 2, "half")
        elif payload["does"] == "store":
            job.checkpoint({"attempt": job.get("attempt")})
        time.sleep(payload["seconds"])


def say(*words: object) -> None:
    """One line of this process's journal, written at once: it is there as a whole, whoever is killed."""
    line = " ".join(map(str, [*words, os.getpid(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)]))
    journal = os.open(DATA / "journal" / f"job-{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(journal, f"{line}\n".encode())
    finally:
        os.close(journal)
