"""Creating or changing records of any type."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface
from core.orm.json_text import compact_json

if TYPE_CHECKING:
    from core.Entities import Job

#: A message that is longer would be cut off, and be JSON no more.
_LONGEST_MESSAGE = 60_000


class Upsert(AbstractJob, JobInterface):
    """Creates or changes the records in the payload's `list`, each `{"entity", "payload"}`. It never fails.

    The message is the JSON list of what became of each. Where that is too long for a message it stands in the payload
    as `result`, and the message counts: `{"Created": 900, "Failed": 1}`.
    """

    def run(self, job: Job) -> None:
        result = self.get_service_factory().create("MassActions").upsert(job.get_payload()["list"])
        text = compact_json(result)
        if len(text) > _LONGEST_MESSAGE:
            job.get("payload")["result"] = result
            text = compact_json(Counter(each["status"] for each in result))
        job.set("message", text)
