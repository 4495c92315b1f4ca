"""The service of jobs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from core.exceptions import Forbidden
from core.job_queue.states import AWAITING, CANCELED, ENDED, RUNNING, SUCCESS
from core.orm import Entity
from core.Services.AbstractRecord import Data
from core.Services.Record import Record


class Job(Record):
    """Jobs as the API works with them, and how far a mass action is."""

    def before_update_entity(self, entity: Entity, data: Data) -> None:
        """The job manager alone lets a job run (AtroCore 10.1)."""
        if entity.is_attribute_changed("status") and entity.get("status") == RUNNING:
            raise Forbidden("The job manager alone sets a job to Running. Set it to Pending, and it will run.")

    def mass_action_status(self, creator_id: str) -> dict[str, Any]:
        """How far the mass action of this MassActionCreator job is: `{"done", "errors", "message"}`.

        It is done when its creator and all its chunks have ended, however they did. `message` has the first lines of
        the chunks that succeeded, their numbers added up; `errors` the further lines, and the chunks that did not
        succeed. Either is None where there is nothing to say. Raises NotFound.
        """
        creator = self._find(creator_id)
        chunks = self._chunks(creator_id)
        is_done = creator.get("status") in ENDED and all(chunk.get("status") in ENDED for chunk in chunks)
        errors = [line for job in (creator, *chunks) for line in _errors_of(job)]
        summaries = [_lines(chunk)[0] for chunk in chunks if chunk.get("status") == SUCCESS and _lines(chunk)]
        return {
            "done": is_done,
            "errors": "\n".join(errors) or None,
            "message": "\n".join(_added_up(summaries)) or None,
        }

    def _chunks(self, creator_id: str) -> list[Entity]:
        """The jobs that the creator has made and let go; those that still wait belong to a creation that broke off."""
        made = self.get_repository().where({"creatorId": creator_id, "status!=": AWAITING}).order("id")
        return made.select(["id", "name", "status", "message"]).find()


def _errors_of(job: Entity) -> list[str]:
    if job.get("status") == SUCCESS:
        return _lines(job)[1:]
    if job.get("status") == CANCELED:
        return [f"{job.get('name')}: canceled"]
    return [f"{job.get('name')}: {line}" for line in _lines(job)[:1]] + _lines(job)[1:]


def _lines(job: Entity) -> list[str]:
    return (job.get("message") or "").splitlines()


def _added_up(summaries: Iterable[str]) -> list[str]:
    """Summaries that differ in their numbers only become one, with the sums."""
    sums: dict[str, list[int]] = defaultdict(list)
    for summary in summaries:
        numbers = [int(each) for each in re.findall(r"\d+", summary)]
        form = re.sub(r"\d+", "{}", summary.replace("{", "{{").replace("}", "}}"))
        sums[form] = [sum(pair) for pair in zip(sums[form] or [0] * len(numbers), numbers, strict=True)]
    return [form.format(*numbers) for form, numbers in sums.items()]
