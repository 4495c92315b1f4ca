"""The queue of jobs as it is meant: plain Python, with no database. The real one has to do the same, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.job_queue.pause import EVERYTHING
from core.job_queue.run import Outcome, Run
from core.orm.column_types import to_moment
from core.orm.json_text import parse_json

ENDED = ("Success", "Failed", "Canceled")
NEXT = {
    "Pending": (*ENDED, "Awaiting"),
    "Canceled": ("Pending", "Running", "Awaiting"),
}
#: type -> maxAttempts, poisonLimit, seconds before the next attempt.
JOB_TYPES = {"Once": (1, 3, 0), "Thrice": (3, 3, 0), "Fragile": (5, 2, 30)}


@dataclass
class JobSeen:
    """A job as it should be."""

    id: str
    type: str
    priority: float
    execute_time: datetime
    attempt_limit: int
    status: str = "Pending"
    attempt: int = 0
    crashes: int = 0
    is_deleted: bool = False
    #: The process that holds the row.
    process: str | None = None
    checkpoint: int | None = None
    progress: int | None = None
    #: Grows with every change that a claim has to notice.
    version: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any], version: int) -> JobSeen:
        """A row of the table; versions are the model's own."""
        return cls(
            row["id"],
            row["type"],
            row["priority"],
            to_moment(row["execute_time"]),
            row["attempt_limit"],
            row["status"],
            row["attempt"],
            row["crashes"] or 0,
            bool(row["deleted"]),
            row["run_process"],
            *(None if row[name] is None else int(parse_json(row[name])["done"]) for name in ("checkpoint", "progress")),
            version,
        )

    @property
    def is_waiting(self) -> bool:
        """Whether a claim may take it, when it is due."""
        return self.status == "Pending" and self.process is None and not self.is_deleted


@dataclass(frozen=True)
class CandidateSeen:
    """A job as a claimer has read it: it may be another one by now."""

    job_id: str
    attempt: int
    version: int


@dataclass
class QueueModel:
    """All jobs, and which attempts were recorded how."""

    jobs: dict[str, JobSeen] = field(default_factory=dict)
    recorded: dict[tuple[str, int], str] = field(default_factory=dict)
    #: Everything, or a type.
    paused: str | None = None

    def candidates(self, now: datetime) -> list[CandidateSeen]:
        """What is due, in order."""
        due = [job for job in self.jobs.values() if job.is_waiting and job.execute_time <= now]
        due = [job for job in due if self.paused not in (EVERYTHING, job.type)]
        due.sort(key=lambda job: (-job.priority, job.execute_time, job.id))
        return [CandidateSeen(job.id, job.attempt, job.version) for job in due]

    def may_start(self, seen: CandidateSeen) -> bool:
        """Whether the job still is as it was read."""
        job = self.jobs.get(seen.job_id)
        return job is not None and job.is_waiting and (job.attempt, job.version) == (seen.attempt, seen.version)

    def start(self, job_id: str, process: str) -> None:
        """A process takes it."""
        job = self.jobs[job_id]
        job.status, job.process, job.progress = "Running", process, None
        job.attempt += 1
        job.version += 1

    def start_by_hand(self, job_id: str, process: str) -> None:
        """A person runs it once, whatever it was."""
        self.start(job_id, process)
        self.jobs[job_id].attempt_limit = self.jobs[job_id].attempt

    def take_back(self, run: Run) -> bool:
        """Nobody was told of the start: it does not count. Says whether the run still was the current one."""
        job = self.jobs.get(run.job_id)
        if job is None or job.status != "Running" or not self._is_held_by(job, run):
            return False
        job.status, job.process = "Pending", None
        job.attempt_limit += 1
        job.version += 1
        return True

    def finish(self, outcome: Outcome, now: datetime) -> bool:
        """A run is said to be over; says whether that counts."""
        job, run = self.jobs.get(outcome.run.job_id), outcome.run
        if job is None:
            return False
        is_held = self._is_held_by(job, run)
        if is_held and outcome.cause is not None and outcome.cause.is_crash:
            job.crashes += 1
        counts = job.status == "Running" and job.attempt == run.attempt
        status = self._status_after(job, outcome, is_held=is_held)
        if is_held and not (outcome.is_success and run.attempt == 1):
            recorded = status if status == "Success" else "Failed"
            self.recorded[run.job_id, run.attempt] = recorded if counts else "Canceled"
        if counts:
            self._end(job, outcome, status, now, is_held=is_held)
        elif is_held:
            job.process = None
            job.version += 1
        return counts

    def change_status(self, job_id: str, read: str, new: str) -> bool:
        """A person sets what she read to be `read`; says whether she may.

        What has moved on is not let go or tried again: she did not know what it is by now.
        """
        job = self.jobs.get(job_id)
        if job is None or job.is_deleted or read not in NEXT[new] or job.status not in NEXT[new]:
            return False
        if new == "Pending" and job.status != read:
            return False
        if new == "Pending":
            if job.status in ENDED:
                job.attempt_limit = job.attempt + JOB_TYPES[job.type][0]
            if (job.status, job.attempt) == ("Success", 1):
                self.recorded[job_id, 1] = "Success"
            job.crashes = 0
        job.status = new
        job.version += 1
        return True

    def report(self, run: Run, number: int) -> None:
        """Progress and checkpoint of a run that is not over."""
        if self.is_current(run):
            self.jobs[run.job_id].progress = self.jobs[run.job_id].checkpoint = number

    def is_current(self, run: Run) -> bool:
        """Whether the run's end would count."""
        job = self.jobs.get(run.job_id)
        return job is not None and job.status == "Running" and job.attempt == run.attempt

    def remove(self, job_id: str) -> bool:
        """Into the bin; says whether it may go there."""
        job = self.jobs[job_id]
        if job.status == "Running" or job.is_deleted:
            return False
        job.is_deleted = True
        job.version += 1
        return True

    def delete(self, job_id: str) -> bool:
        """For good; says whether it may go."""
        if self.jobs[job_id].status == "Running":
            return False
        del self.jobs[job_id]
        self.recorded = {key: status for key, status in self.recorded.items() if key[0] != job_id}
        return True

    @staticmethod
    def _is_held_by(job: JobSeen, run: Run) -> bool:
        return (job.process, job.attempt) == (run.process, run.attempt)

    @staticmethod
    def _status_after(job: JobSeen, outcome: Outcome, *, is_held: bool) -> str:
        """What the end of the run makes of the job, as far as it counts."""
        if outcome.is_success:
            return "Success"
        cause = outcome.cause
        is_poison = is_held and cause is not None and cause.is_crash and job.crashes >= JOB_TYPES[job.type][1]
        is_discarded = cause is not None and cause.is_discarded
        may_try_again = outcome.run.attempt < outcome.run.attempt_limit
        return "Pending" if may_try_again and not is_poison and not is_discarded else "Failed"

    @staticmethod
    def _end(job: JobSeen, outcome: Outcome, status: str, now: datetime, *, is_held: bool) -> None:
        job.status, job.process = status, None
        job.version += 1
        if status == "Success":
            job.checkpoint = None
        if status == "Pending" and is_held:
            asked = outcome.cause and outcome.cause.retry_in_seconds
            seconds = JOB_TYPES[job.type][2] if asked is None else asked
            if seconds:
                job.execute_time = now + timedelta(seconds=seconds)
