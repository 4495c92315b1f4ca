"""Trying failed jobs again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import clock
from core.exceptions import Conflict, NotFound, did_you_mean
from core.job_queue.states import FAILED, PENDING
from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface
from core.log import logger

if TYPE_CHECKING:
    from core.Entities import Job
    from core.orm import Entity, Query

HOURS = 24
MAX_RETRIES = 3
#: Jobs that are read at once: a payload may well have 64 KiB.
_PAGE = 200


class RetryFailedJobs(AbstractJob, JobInterface):
    """Puts jobs that failed lately back into the queue, each a limited number of times.

    Payload, all of it optional: `types` (job types, else all), `hours` (how long ago a job ended at most, else 24),
    `maxRetries` (how often a job is retried at most, else 3). Jobs of its own type are left, those that were never
    started, as no run of theirs has failed, and those that were given up with attempts left. So is a job that somebody
    changes at that moment.
    """

    def run(self, job: Job) -> None:
        payload = job.get_payload()
        most = payload.get("maxRetries", MAX_RETRIES)
        counts: Counter[str] = Counter()
        for failed in self._failed_jobs(job, payload).iterate(_PAGE):
            if job.is_canceled():
                return
            counts[self._deal_with(failed, most)] += 1
        job.set("message", "\n".join([_summary(counts, most), *self._unknown_types(payload)]))

    def _failed_jobs(self, job: Job, payload: Mapping[str, Any]) -> Query:
        since = clock.now() - timedelta(hours=payload.get("hours", HOURS))
        repository = self.get_entity_manager().get_repository("Job")
        found: Query = repository.where({"status": FAILED, "endedAt>=": since, "attempt>": 0})
        types = payload.get("types")
        found = found.where({"type": types}) if types else found
        return found.where({"type!=": job.get("type")})

    def _deal_with(self, failed: Entity, most: int) -> str:
        """Put a job back where it is to be, and say in a word what became of it."""
        if int(failed.get("attempt")) < int(failed.get("attemptLimit") or 0):
            return "given up"  # discarded, or set aside after crashes: it failed for good with attempts left
        return "exhausted" if self._retries(failed) >= most else self._retry(failed)

    def _retries(self, failed: Entity) -> int:
        """How often a job was put back: each time it was granted as many starts as its type's `maxAttempts` says."""
        attempts = self.get_metadata().get(["app", "jobTypes", failed.get("type"), "maxAttempts"])
        attempts = attempts if isinstance(attempts, int) and attempts > 1 else 1
        return (int(failed.get("attempt")) - 1) // attempts

    def _retry(self, failed: Entity) -> str:
        """Put a job back, and say in a word what became of it."""
        failed.set("status", PENDING)
        try:
            # Where somebody has retried or canceled it since it was read, that is to stay.
            self.get_entity_manager().save_entity(failed, {"check_version": True})
        except (Conflict, NotFound):
            return "changed"
        except Exception as error:  # noqa: BLE001 - a listener's veto keeps its job, and no other one
            logger.warning("The Job '%s' (%s) was not retried: %s", failed.id, failed.get("name"), error)
            return "refused"
        return "retried"

    def _unknown_types(self, payload: Mapping[str, Any]) -> list[str]:
        known = self.get_metadata().get(["app", "jobTypes"], {})
        types = payload.get("types") or ()
        return [f"There is no job type '{each}'.{did_you_mean(each, known)}" for each in types if each not in known]


def _summary(counts: Mapping[str, int], most: int) -> str:
    sentences = [f"Retried: {counts['retried']}"]
    if counts["exhausted"]:
        sentences.append(f"left, as they were retried {most} times: {counts['exhausted']}")
    if counts["given up"]:
        sentences.append(f"left, as they were discarded or set aside: {counts['given up']}")
    if counts["changed"]:
        sentences.append(f"left, as somebody changed them: {counts['changed']}")
    if counts["refused"]:
        sentences.append(f"refused, as the log of this job says: {counts['refused']}")
    return f"{', '.join(sentences)}."
