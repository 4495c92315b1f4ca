"""Jobs that are due, as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import clock
from core.job_queue.run import Run
from core.job_queue.schedule_rules import ScheduledStart
from core.job_queue.states import RUNNING
from core.orm.column_types import moment_or_none

_MOST_ATTEMPTS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job that is due, as it was read: `row` maps column names to the driver's values."""

    row: Mapping[str, Any]

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self.row["id"])

    @property
    def scheduled_start(self) -> ScheduledStart | None:
        """The start as its schedule sees it; None for a job of no schedule."""
        schedule_id = self.row["scheduled_job_id"]
        if schedule_id is None:
            return None
        return ScheduledStart((schedule_id, self.row["type"]), self.job_id, moment_or_none(self.row["fire_time"]))

    @property
    def limited_by(self) -> tuple[str, str, str | None]:
        """The job, its type and its concurrency key."""
        return self.row["id"], self.row["type"], self.row["concurrency_key"]

    @property
    def problem(self) -> str | None:
        """What in the row nobody can read, as bare SQL may have written anything; None where all is well."""
        kinds = [type(value) for value in self.row.values()]
        if bytes in kinds:
            return f"{list(self.row)[kinds.index(bytes)]} holds bytes, not text"
        if not 0 <= self.row["attempt"] < _MOST_ATTEMPTS:
            return f"attempt is {self.row['attempt']}"
        return None

    def row_of(self, run: Run, node: str, started_at: str) -> dict[str, Any]:
        """The row after the start; `started_at` in ISO 8601."""
        return {
            **self.row,
            "status": RUNNING,
            "pid": run.pid,
            "attempt": run.attempt,
            "run_node": node,
            "run_process": run.process,
            "started_at": started_at,
            "modified_at": started_at,
            "ended_at": None,
            "message": None,
            "progress": None,
        }

    def run_by(self, process: str, pid: int) -> Run:
        """The run that begins when this process starts it."""
        attempt = self.row["attempt"] + 1
        limit = self.row["attempt_limit"]
        limit = attempt if limit is None else limit
        return Run(self.job_id, attempt, limit, process, pid, self.row["type"], clock.now())


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """Due jobs in the order in which they may start; after `look_again_seconds` there may be more that had to wait."""

    candidates: list[Candidate]
    look_again_seconds: float | None = None
