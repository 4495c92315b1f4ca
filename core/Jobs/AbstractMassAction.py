"""What the jobs of a mass action's chunks extend."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from core.access.asked_by_job import bound_by
from core.exceptions import Error
from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface
from core.records.tally import Tally

if TYPE_CHECKING:
    from core.Entities import Job
    from core.Services import Record


class AbstractMassAction(AbstractJob, JobInterface):
    """Does the same to each record in the payload's `ids`, of the type `entityType`.

    What goes wrong with one record keeps none of the others from it: it stands in the job's log and message, whose
    first line counts. The job fails where every record failed. It is done on behalf of the job's owner, and bound by
    her rights where she asked for it from outside.
    """

    #: What becomes of a record, for the message.
    word: ClassVar[str]

    @abstractmethod
    def action(self, record: Record, payload: Mapping[str, Any]) -> Callable[[str], object]:
        """What is done to the record of an id, by the record service of its type."""

    def run(self, job: Job) -> None:
        payload = job.get_payload()
        with bound_by(payload, self.get_entity_manager()):
            self._act(job, payload)

    def _act(self, job: Job, payload: Mapping[str, Any]) -> None:
        ids = payload["ids"]
        call = self.action(self.get_service_factory().create_record(payload["entityType"]), payload)
        tally = Tally(self.word)
        for number, record_id in enumerate(ids, 1):
            if job.is_canceled():
                return
            tally.attempt(record_id, call)
            job.report_progress(number, len(ids))
        if tally.errors:
            self.create_notification(job, f"{job.get('name')}: {tally.message}")
        if tally.has_failed:
            raise Error(tally.message)
        job.set("message", tally.message)
