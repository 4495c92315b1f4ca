"""What workers need of the application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.config import Config
from core.container import Container
from core.job_manager.job_events import JobEvents
from core.job_manager.job_output import JobOutput
from core.job_manager.job_runner import JobRunner
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.queue import JobQueue
from core.log import level_number


class WorkerServices:
    """Made once, by the workers' parent: a worker that is forked then has them at once, and connects to nothing."""

    def __init__(self, container: Container, root: Path) -> None:
        self.container = container
        self.config: Config = container.get("config")
        self.queue: JobQueue = container.get("jobQueue")
        self.database = container.get("connection")
        self.entity_manager = container.get("entityManager")
        self.jobs: Any = self.entity_manager.get_repository("Job")
        self.events = JobEvents(container)
        self.runner = JobRunner(container)
        self.memory = container.get("memoryStorage")
        self.output = JobOutput(root)
        self._set_job_level()
        #: A job's row in which nothing stands.
        self.nulls: dict[str, Any] = dict.fromkeys(container.get("schema").table("Job").columns.keys())
        ProcessIdentity.current()  # what it has in common with those of the workers is kept

    def obey_config(self) -> bool:
        """Take over a changed configuration; says whether there was one."""
        if not self.config.reload_if_changed():
            return False
        self.container.get("logFile").set_level(self.config.get("logger.level"))
        self._set_job_level()
        return True

    def _set_job_level(self) -> None:
        self.output.set_level(level_number(str(self.config.get("logger.jobLevel"))))
