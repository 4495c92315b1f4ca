"""The service of jobs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.Entities.Role import CREATE, EDIT, READ
from core.exceptions import (
    BadRequest,
    Conflict,
    DatabaseError,
    Forbidden,
    NotFound,
    NotModified,
    NotUnique,
    did_you_mean,
)
from core.job_queue.states import AWAITING, CANCELED, ENDED, PENDING, RUNNING, SUCCESS
from core.log import job_log_path
from core.orm import Entity
from core.orm.definition import as_object
from core.records.owner import owner_lack
from core.records.record_input import PREVIOUS
from core.records.record_output import Output
from core.records.service_events import Arguments
from core.sentence import Sentence
from core.Services.AbstractRecord import Data
from core.Services.Record import Record

#: What a job that is run again has from the former one.
_REPEATED = ("name", "type", "payload", "priority", "scheduledJobId")
#: What it is called to set a status.
_ACTIONS = {CANCELED: "cancel", PENDING: "retry"}
#: The types of the jobs that whoever asks for a mass action gets.
_MASS_ACTIONS = ("MassActionCreator", "Upsert")
_MAY_CHANGE = ("name", "payload", "priority", "executeTime")


class Job(Record):
    """Jobs as the API works with them: put into the queue, canceled, tried again, and how far a mass action is."""

    def enqueue(self, data: Data, *, or_existing: bool = False) -> tuple[Output, bool]:
        """A new job and true; with `or_existing`, where a job has its `uniqueKey`, that one and false.

        Raises Conflict that names the other job, and what `create_entity` raises.
        """
        try:
            return self.create_entity(data), True
        except NotUnique as error:
            if error.existing_id is None or not or_existing:
                raise Conflict(str(error)) from error
            return self.read_entity(error.existing_id), False

    def cancel(self, job_id: str) -> Output:
        """The job, canceled; a running one is told to stop, and ended if it does not. BadRequest where it has ended."""
        return self._with_status(job_id, CANCELED)

    def retry(self, job_id: str) -> Output:
        """The job, back in the queue; BadRequest where it runs."""
        return self._with_status(job_id, PENDING)

    def run_again(self, job_id: str, changes: Data) -> Output:
        """A new job like this one; `changes` may name another name, payload, priority and executeTime."""
        for name in changes:
            if name not in _MAY_CHANGE:
                near = did_you_mean(name, _MAY_CHANGE)
                raise BadRequest(f"A job that is run again cannot have another '{name}'.{near}", field=name)
        with self._entry(CREATE):
            pass  # who may not is told so before it is told whether there is such a job
        former = self.get_entity(job_id)
        with self._entry(READ) as entry:
            changes = entry.restored(changes, former)
        return self.enqueue({**{name: former.get(name) for name in _REPEATED}, **changes})[0]

    def log_file(self, job_id: str) -> Path:
        """The file with what the job printed and logged; raises NotFound, which says why there is none."""
        job = self.get_entity(job_id)
        path = job_log_path(self.get_config().root, job.id)
        if not path.is_file():
            raise NotFound(f"There is no log of the job '{job.id}': {_why_without_log(job)}.")
        return path

    def before_create_entity(self, entity: Entity, data: Data) -> None:
        """Only what a module has registered can be put into the queue, and nothing comes there as if it had run."""
        job_type = entity.get("type")
        known = as_object(self.get_metadata().get(["app", "jobTypes"]))
        if not job_type:
            raise BadRequest(Sentence("The type of the job is missing."), field="type")
        if not as_object(known.get(job_type)):
            near = did_you_mean(job_type, known)
            raise BadRequest(Sentence("There is no job type '{type}'.{near}", type=job_type, near=near), field="type")
        self._judge_owner(entity)
        if entity.get("status") not in (PENDING, AWAITING):
            raise BadRequest(f"A new job is {PENDING} or {AWAITING}, not {entity.get('status')}.", field="status")
        if entity.get("name") is None:
            entity.set("name", job_type)

    def before_update_entity(self, entity: Entity, data: Data) -> None:
        """The job manager alone lets a job run (AtroCore 10.1)."""
        if entity.is_attribute_changed("status") and entity.get("status") == RUNNING:
            raise Forbidden("The job manager alone sets a job to Running. Set it to Pending, and it will run.")
        if entity.is_attribute_changed("ownerUserId"):
            self._judge_owner(entity)

    def _judge_owner(self, entity: Entity) -> None:
        lack = owner_lack(self.get_entity_manager(), entity.get("ownerUserId"))
        if lack is not None:
            text = Sentence("It would fail when its turn comes: its owner, {lack}.", lack=lack.text)
            raise BadRequest(text, field="ownerUserId")

    def _actions_of(self, data: Data) -> tuple[str, ...]:
        """To cancel and to retry are rights of their own."""
        given = {name: value for name, value in data.items() if name != PREVIOUS} if isinstance(data, Mapping) else {}
        action = _ACTIONS.get(str(given.pop("status", None)))
        return (EDIT,) if action is None else (action, EDIT) if given else (action,)

    def _output_of_change(self, action: str, entity: Entity, given: Arguments) -> Output:
        """With what the statement that changed the status has written by itself, such as `endedAt`."""
        if action == "update_entity" and "status" in given["data"]:
            self._read_anew(entity)
        return super()._output_of_change(action, entity, given)

    def _read_anew(self, entity: Entity) -> None:
        try:
            stored = self.get_repository().get(entity.id)
        except DatabaseError:  # what is committed is no failure
            return
        if stored is not None:
            entity.become(stored)

    def _with_status(self, job_id: str, status: str) -> Output:
        try:
            return self.update_entity(job_id, {"status": status})
        except NotModified:
            return self.read_entity(job_id)

    def mass_action_status(self, creator_id: str) -> dict[str, Any]:
        """How far the mass action of this MassActionCreator job is: `{"done", "errors", "message"}`.

        It is done when its creator and all its chunks have ended, however they did. `message` has the first lines of
        the chunks that succeeded, their numbers added up; `errors` the further lines, and the chunks that did not
        succeed. Either is None where there is nothing to say. Raises NotFound, also where the job is no mass action.
        """
        with self._entry(READ) as entry:
            creator = self._find(creator_id)
            entry.judge(creator)
            if creator.get("type") not in _MASS_ACTIONS:
                raise NotFound(f"The job '{creator.id}' is no mass action.")
            return entry.shown(self._mass_action_status(creator))

    def _mass_action_status(self, creator: Entity) -> dict[str, Any]:
        chunks = self._chunks(creator.id)
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


def _why_without_log(job: Entity) -> str:
    if job.get("startedAt") is None:
        return f"it is {job.get('status')} and has not started"
    if job.get("status") == RUNNING:
        return "it has printed and logged nothing so far"
    return "it printed and logged nothing, or the file was removed since"


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
