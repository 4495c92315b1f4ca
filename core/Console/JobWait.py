"""`job wait [<id>]`"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core import clock
from core.Console.AbstractJobConsole import AbstractJobConsole
from core.job_queue.process_identity import is_living
from core.job_queue.states import CANCELED, ENDED, FAILED
from core.terminal import output
from core.terminal.table import flat
from core.terminal.values import to_seconds

if TYPE_CHECKING:  # both load the database's library
    from core.Entities import Job
    from core.Repositories import Job as JobRepository

_POLL_SECONDS = 0.2
# Looking at a large backlog costs something: the database is left alone for ten times as long.
_REST_FACTOR = 10
_MOST_NAMED = 10


@dataclass(frozen=True)
class _Standing:
    """How far it is: `done` of `total`, which is None where nobody knows."""

    is_over: bool
    done: float
    total: float | None
    text: str = ""


@dataclass(frozen=True)
class _Found:
    """Some jobs by name, and how many there are in all."""

    jobs: list[Job]
    count: int


class JobWait(AbstractJobConsole):
    """Waits until a job has ended, or until none is due or runs; exits with 0 when all ended in Success.

    Without an id it judges the jobs that ended while it waited. A job whose time has not come is not waited for, unless
    it waits for its next attempt.
    """

    @staticmethod
    def get_description() -> str:
        return "Wait until jobs have ended."

    def run(self, params: dict[str, Any]) -> int:
        timeout = to_seconds("--timeout", params["timeout"]) if params["timeout"] else None
        watch = self._watch(params["id"])
        if not watch.look().is_over:
            self.warn_of_idleness(watch.job_type)
        is_in_time = self._wait(watch.look, timeout)
        failed, left = watch.failed(), watch.left()
        is_success = is_in_time and not failed.count
        if params["json"]:
            output.write_json({"success": is_success, "timedOut": not is_in_time, **_document(failed, left)})
        elif is_success:
            output.success(watch.success)
        else:
            _complain(failed, left, None if is_in_time else timeout)
        return 0 if is_success else 1

    def _watch(self, job_id: str | None) -> _OneJob | _AllJobs:
        if job_id is not None:
            self.find_job(job_id)
            return _OneJob(lambda: self.find_job(job_id), self.get_container().get("jobQueue").node)
        return _AllJobs(self.job_repository, clock.now())

    def _wait(self, look: Callable[[], _Standing], timeout: float | None) -> bool:
        """Look until it is over; False if the time ran out before."""
        began_at = clock.monotonic()
        with ExitStack() as stack:
            show = _open_bar(stack)
            while True:
                looked_at = clock.monotonic()
                standing = look()
                show(standing)
                if standing.is_over:
                    return True
                rest = max(_POLL_SECONDS, (clock.monotonic() - looked_at) * _REST_FACTOR)
                if timeout is not None:
                    rest = min(rest, began_at + timeout - clock.monotonic())
                if rest <= 0:
                    return False
                time.sleep(rest)


class _OneJob:
    """Waiting for one job."""

    success = "The job ended in Success."

    def __init__(self, find: Callable[[], Job], node: str) -> None:
        self._find = find
        self._node = node

    @property
    def job_type(self) -> str:
        return str(self._find().get("type"))

    def look(self) -> _Standing:
        job = self._find()
        progress = job.get("progress") or {}
        status = job.get("status")
        text = progress.get("text") or status
        # A canceled job is over when its process is; of another machine's process only its job manager knows.
        process = job.get("runProcess")
        is_held = is_living(process) or (process is not None and job.get("runNode") != self._node)
        is_over = status in ENDED and not is_held
        return _Standing(is_over, progress.get("done") or 0, progress.get("total"), text)

    def failed(self) -> _Found:
        return self._if_in(FAILED, CANCELED)

    def left(self) -> _Found:
        return self._if_in(*{self._find().get("status")} - set(ENDED))

    def _if_in(self, *statuses: str) -> _Found:
        job = self._find()
        jobs = [job] if job.get("status") in statuses else []
        return _Found(jobs, len(jobs))


class _AllJobs:
    """Waiting until no job is due or runs. Remembers no ids: the backlog may be millions."""

    success = "No job is due or running, and none has failed meanwhile."
    job_type = None  # of any

    def __init__(self, repository: JobRepository, began_at: datetime) -> None:
        self._repository = repository
        self._began_at = began_at
        self._most = 0

    def look(self) -> _Standing:
        unfinished = self._unfinished()
        if not unfinished.exists():
            return _Standing(True, self._most, self._most)
        if not output.is_terminal(sys.stderr):
            return _Standing(False, 0, None)
        count = unfinished.count()
        self._most = max(self._most, count)
        return _Standing(False, self._most - count, self._most, "jobs")

    def failed(self) -> _Found:
        where = {"status": [FAILED, CANCELED], "endedAt>=": self._began_at}
        return _found(self._repository.where(where))

    def left(self) -> _Found:
        return _found(self._unfinished())

    def _unfinished(self) -> Any:
        return self._repository.unfinished(clock.now())


def _found(query: Any) -> _Found:
    return _Found(list(query.order("id").limit(_MOST_NAMED).find()), query.count())


def _document(failed: _Found, left: _Found) -> dict[str, Any]:
    return {
        "failedCount": failed.count,
        "failed": [job.to_dict() for job in failed.jobs],
        "leftCount": left.count,
        "left": [job.to_dict() for job in left.jobs],
    }


def _complain(failed: _Found, left: _Found, timeout: float | None) -> None:
    if failed.count:
        output.error(f"{_jobs(failed.count)} did not end in Success:{_names(failed)}")
    if timeout is not None:
        output.error(f"Timed out after {timeout:g} s with {_jobs(left.count)} left:{_names(left)}")


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _names(found: _Found) -> str:
    lines = [
        f"{job.id} {job.get('status')} {job.get('type')}: {flat(job.get('message') or job.get('name'))}"
        for job in found.jobs
    ]
    if found.count > len(lines):
        lines.append(f"and {found.count - len(lines)} more")
    return "".join(f"\n  {line}" for line in lines)


def _open_bar(stack: ExitStack) -> Callable[[_Standing], None]:
    """What shows a standing: a progress bar where somebody looks, else nothing."""
    if not output.is_terminal(sys.stderr):
        return lambda _standing: None
    from core.terminal.progress import ProgressBar  # loads rich, which only a person at a terminal needs

    bar = stack.enter_context(ProgressBar("jobs"))
    return lambda standing: bar.show(standing.done, standing.total, standing.text)
