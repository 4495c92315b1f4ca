"""One run of a job, and how it ended: values first, rows later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from core import clock
from core.job_queue.states import FAILED, PENDING, SUCCESS


# Runs and their outcomes are tuples: every run of a job makes some, and a frozen dataclass takes six times as long.
class Run(NamedTuple):
    """Which run of which job. `attempt` is the fencing token: a write that names an older one is refused."""

    job_id: str
    attempt: int
    attempt_limit: int
    process: str
    pid: int
    #: For the counters: what the job is, and when the run began, a moment or the text of one.
    type: str | None = None
    began_at: Any = None

    @property
    def key(self) -> tuple[str, int]:
        """Job id and attempt: no other run has both."""
        return self.job_id, self.attempt


@dataclass(frozen=True, slots=True)
class Cause:
    """What is known of a failure beyond its message: where it was raised, and what the job said of a next attempt."""

    traceback: str | None = None
    is_discarded: bool = False
    retry_in_seconds: float | None = None
    #: Its process died of it.
    is_crash: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules of a job's type make of a run: what the job becomes, and when its next attempt may start.

    `next_start` is None where it may at once. `started_at` is when the run began, as the driver gave it.
    """

    status: str
    started_at: Any
    next_start: datetime | None = None


class Outcome(NamedTuple):
    """How a run ended. `payload` is compact JSON, or None where the run left it as it was; `result` as well, or None.

    `ended_at` is None where nobody saw the end: then it is the moment at which it is written down.
    """

    run: Run
    is_success: bool
    message: str | None = None
    payload: str | None = None
    ended_at: datetime | None = None
    cause: Cause | None = None
    result: str | None = None
    #: What its type's rules make of it, once it was judged.
    verdict: Verdict | None = None

    @property
    def status(self) -> str:
        """What the job becomes: a failed run with attempts left makes it Pending again."""
        if self.verdict is not None:
            return self.verdict.status
        if self.is_success:
            return SUCCESS
        if self.cause is not None and self.cause.is_discarded:
            return FAILED
        return PENDING if self.run.attempt < self.run.attempt_limit else FAILED

    @property
    def has_data(self) -> bool:
        """Whether payload or result are to be written."""
        return self.payload is not None or self.result is not None

    @property
    def when_again(self) -> str:
        """` at <moment>` for an attempt that has to wait, or nothing: a part of what is logged."""
        if self.verdict is None or self.verdict.next_start is None:
            return ""
        return f" at {clock.to_iso(self.verdict.next_start)}"


def not_completed(run: Run, cause: str, *, is_crash: bool = False) -> Outcome:
    """The outcome of a run whose process is gone; `is_crash` where it is known to have died of the run itself."""
    message = f"The Job '{run.job_id}' was not completed in the previous run. {cause}"
    return Outcome(run, is_success=False, message=message, cause=Cause(is_crash=is_crash))
