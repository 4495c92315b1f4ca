"""One worker as the daemon sees it, and what is heard of workers."""

from __future__ import annotations

from dataclasses import dataclass, field

from core import clock
from core.job_manager.channel import Channel
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.run import Outcome, Run

# How long a parent that is well may take to fork a worker, and to tell that one has ended.
_FORKING_SECONDS = 30.0
_REPORTING_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class PoolWorker:
    """One worker."""

    slot: int
    channel: Channel
    parent: int
    asked_for_at: float
    pid: int | None = None
    process: str = ""
    listens: bool = False
    is_ready: bool = False
    is_retiring: bool = False
    #: How many runs it has begun, and calls of listeners; one with none is fresh.
    runs: int = 0
    #: It is to be replaced as soon as another one is ready in its place.
    is_worn: bool = False
    run: Run | None = None
    #: The priority of the job that it runs, or ran last.
    priority: float = 0.0
    #: Its last run is over, and that is not committed yet: should the daemon die, only the worker knows how it ended.
    has_unwritten_end: bool = False
    #: What the daemon itself did to end the run, in words; None while it did nothing.
    stopped_because: str | None = None
    #: When it was first found gone though its parent had not said so.
    missed_at: float | None = None

    @property
    def is_free(self) -> bool:
        """Whether it can take a job."""
        return self.is_ready and self.run is None and not self.is_retiring

    def is_process(self) -> bool:
        """Whether the worker's pid is still the worker's: a recycled pid is never killed."""
        if not self.process:
            return self.pid is not None and ProcessIdentity.of(self.pid) is not None
        return ProcessIdentity.parse(self.process).is_alive()

    def is_kept_silent(self) -> bool:
        """Whether its parent should long have said that it forked the worker, or that the worker has ended."""
        now = clock.monotonic()
        if self.pid is None:
            return now - self.asked_for_at > _FORKING_SECONDS
        if not self.process or self.is_process():
            return False
        self.missed_at = self.missed_at or now
        return now - self.missed_at > _REPORTING_SECONDS


@dataclass(frozen=True, slots=True)
class LostRun:
    """A run whose worker is gone, and what is known of the cause."""

    run: Run
    cause: str
    was_stopped: bool
    is_crash: bool


@dataclass(slots=True)
class PoolEvents:
    """What has happened since the last look."""

    ended: list[tuple[PoolWorker, Outcome]] = field(default_factory=list)
    lost: list[LostRun] = field(default_factory=list)
