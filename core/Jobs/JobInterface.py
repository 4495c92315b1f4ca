"""What makes a class the handler of a job type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.Entities import Job


class JobInterface(ABC):
    """The handler of a job type; a new instance is made for each run."""

    @abstractmethod
    def run(self, job: Job) -> None:
        """Do the work of one job.

        The job fails by an exception, whose text becomes its `message`. What is changed in the job's payload or message
        is kept.
        """
