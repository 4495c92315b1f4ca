"""`JobEntity.after_save` for the changes of status that the job manager itself makes."""

from __future__ import annotations

from core.container import Container
from core.Entities import Job

_CHANGED_BY_START = ("status", "pid", "startedAt", "attempt")
_CHANGED_BY_END = ("status", "endedAt", "message", "payload", "result")


class JobEvents:
    """Tells listeners of a job's start and end, after the commit. Without a listener it costs nothing."""

    def __init__(self, container: Container) -> None:
        self._jobs = container.get("entityManager").get_repository("Job")
        self.has_listeners: bool = self._jobs.events.has_listeners("after_save")

    def after_start(self, job: Job) -> None:
        """The job has become Running."""
        if self.has_listeners:
            self._jobs.dispatch_after_save(job, _CHANGED_BY_START)

    def after_end(self, job_id: str) -> None:
        """The job has become what its row now says."""
        if not self.has_listeners:
            return
        job = self._jobs.get(job_id)
        if job is not None:
            self._jobs.dispatch_after_save(job, _CHANGED_BY_END)
