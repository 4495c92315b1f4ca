"""`JobEntity.after_save` for the changes of status that the job manager itself makes."""

from __future__ import annotations

from core.container import Container
from core.Entities import Job
from core.orm.entity_events import EntityEvents

_BY_JOB_MANAGER = {"jobManager": True}


class JobEvents:
    """Tells listeners of a job's start and end, after the commit. Without a listener it costs nothing."""

    def __init__(self, container: Container) -> None:
        self._entity_manager = container.get("entityManager")
        self._events = EntityEvents(container.get("eventManager"), "Job")
        self.has_listeners = self._events.has_listeners("after_save")

    def after_start(self, job: Job) -> None:
        """The job has become Running."""
        if self.has_listeners:
            self._events.dispatch_after("after_save", job, _BY_JOB_MANAGER)

    def after_end(self, job_id: str) -> None:
        """The job has become what its row now says."""
        if not self.has_listeners:
            return
        job = self._entity_manager.get_entity("Job", job_id)
        if job is not None:
            self._events.dispatch_after("after_save", job, _BY_JOB_MANAGER)
