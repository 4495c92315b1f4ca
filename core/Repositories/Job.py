"""The jobs: what is filled in when one is saved, and what is refused."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Table, case, literal, or_, select

from core import clock
from core.exceptions import BadRequest, NotFound, NotUnique, did_you_mean
from core.job_queue.job_keys import CONCURRENCY_KEY, UNIQUE_KEY, JobKeys
from core.job_queue.payload_schemas import PayloadSchemas
from core.job_queue.queue import JobQueue
from core.job_queue.statements import KEYS
from core.job_queue.states import AWAITING, CANCELED, ENDED, PENDING, RUNNING, check_transition
from core.log import logger
from core.orm.definition import as_object
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.entity_type import EntityType
from core.orm.field_types import DEFAULT_LENGTH
from core.orm.manager import Manager
from core.orm.query import Query
from core.orm.repository import Repository
from core.orm.save import Save
from core.sentence import Sentence

_LONG_PAYLOAD_BYTES = 64 * 1024
_TOO_LARGE = 2**31
#: The option of a save that says what happens where another job has the same `uniqueKey`, and its values.
ON_CONFLICT, REFUSE, EXISTING = "on_conflict", "refuse", "existing"
_TRIES = 3
_CLEARED_FOR_RETRY: dict[str, Any] = dict.fromkeys(("pid", "startedAt", "endedAt", "message", "result", "crashes"))
#: The attributes that the job manager reads and writes.
NEEDED = (
    "name",
    "status",
    "type",
    "payload",
    "priority",
    "executeTime",
    "attempt",
    "attemptLimit",
    "runNode",
    "runProcess",
    "pid",
    "startedAt",
    "endedAt",
    "modifiedAt",
    "message",
    "progress",
    "result",
    "checkpoint",
    "crashes",
    "concurrencyKey",
    "uniqueKey",
)
#: What the job manager writes when a run begins or ends.
_OF_A_RUN = ("status", "pid", "startedAt", "endedAt", "message", "attempt")
#: What no one else may write past the queue.
_OWNED = (
    *_OF_A_RUN,
    *("attemptLimit", "runNode", "runProcess", "progress", "result", "checkpoint", "crashes"),
    *("concurrencyKey", "uniqueKey"),
)


class Job(Repository):
    """Saves jobs so that the job manager finds them, and guards what a job may become (AtroCore 3.2)."""

    def __init__(self, entity_type: EntityType, table: Table, entity_class: type[Entity], manager: Manager) -> None:
        super().__init__(entity_type, table, entity_class, manager)
        self._queue: JobQueue = manager.container.get("jobQueue")
        self._metadata = manager.container.get("metadata")
        self._payload_schemas = PayloadSchemas()
        self._job_keys = JobKeys(self._queue.types)
        self._warned_of: set[str] = set()
        self._announcing: weakref.ref[object] | None = None

    def before_save(self, entity: Entity, options: Options) -> None:
        """The rules of a new job, or of a job that changes its status."""
        job_type = self._type_of(entity)
        if entity.is_new():
            entity.fill(self._given_by(entity, job_type))
            self._set_keys(entity)
        else:
            if entity.has("executeTime"):
                entity.fill({"executeTime": clock.now()})
            if entity.has("status") and entity.is_attribute_changed("status"):
                self._change_status(entity, job_type)
            if self._is_to_have_new_keys(entity):
                self._set_keys(entity)
            elif entity.get("status") in ENDED and entity.has(UNIQUE_KEY):
                entity.set({CONCURRENCY_KEY: None, UNIQUE_KEY: None})
        if job_type.get("payloadSchema") is not None:
            self._check_payload(entity, job_type["payloadSchema"])

    def complete(self, job: Entity) -> None:
        """Fill in what a new job of a schedule has unless somebody says otherwise.

        It waits in the queue all the time, so it takes no `uniqueKey`; `overlap` says what happens when its time comes.
        """
        job.fill(self._given_by(job, self._type_of(job)))
        try:
            job.fill(self._keys_of(job))
        except BadRequest as error:  # the schedule is older than its type's key
            logger.warning("%s The job has no such limit.", error)

    def begin_save(self, entities: Sequence[Entity], options: Options | None = None) -> Save:
        """See `Repository.begin_save`; raises BadRequest for an option that only `save_all` knows."""
        if ON_CONFLICT in (options or {}):
            raise BadRequest(f"{ON_CONFLICT} is for saves of jobs alone, and not together with other entities.")
        return super().begin_save(entities, options)

    def save_all(self, entities: Sequence[Entity], options: Options | None = None) -> None:
        """See `Repository.save_all`. Raises NotUnique that names the job with the same `uniqueKey`, if there is one.

        With the option `on_conflict` = `"existing"` a new job becomes that one instead: it has its id and values then.
        """
        wanted = (options or {}).get(ON_CONFLICT, REFUSE)
        if wanted not in (REFUSE, EXISTING):
            raise BadRequest(f"{ON_CONFLICT} is {wanted!r}; it may be '{REFUSE}' or '{EXISTING}'.")
        others = {name: value for name, value in (options or {}).items() if name != ON_CONFLICT}
        if wanted == REFUSE:
            super().save_all(entities, others)
            return
        with self.database.transaction():
            for entity in entities:
                self._save_or_find(entity, others)

    def not_unique(self, entities: Sequence[Entity], error: NotUnique) -> NotUnique:
        """Name the job that has the key."""
        for entity in entities:
            key = entity.get(UNIQUE_KEY) if entity.has(UNIQUE_KEY) else None
            holder = None if key is None else self._holder_of(entity)
            if holder is not None:
                return NotUnique(
                    f"The job '{entity.get('name')}' has the uniqueKey '{key}' of its type '{entity.get('type')}', and "
                    f"so has the job {holder.id}, which is {holder.status}. Wait for its end, or cancel it; with the "
                    f"option {ON_CONFLICT} = '{EXISTING}' a save gets that one.",
                    existing_id=holder.id,
                )
        keys = Counter((entity.get("type"), key) for entity in entities if (key := entity.get(UNIQUE_KEY)) is not None)
        twice = [key for key, count in keys.items() if count > 1]
        if twice:
            return NotUnique(f"Several of these jobs have the uniqueKey '{twice[0][1]}' of their type '{twice[0][0]}'.")
        return error

    def check_row(self, entity: Entity, row: Mapping[str, Any]) -> None:
        """A warning for a payload that slows down everything that reads jobs."""
        payload = row.get("payload")
        if row.get("creator_id"):  # a chunk of a mass action: up to 3,000 ids, and few such jobs
            return
        if payload and len(payload) > _LONG_PAYLOAD_BYTES // 4:  # a character takes up to four bytes
            size = len(payload.encode())
            if size > _LONG_PAYLOAD_BYTES:
                logger.warning(
                    "The payload of the job '%s' (%s) has %d KiB. Store large data in a file or an entity of its own, "
                    "and put its name or id into the payload.",
                    entity.get("name"),
                    entity.id,
                    size // 1024,
                )

    def update_row(self, connection: Connection, entity: Entity, values: Mapping[str, Any]) -> None:
        """A change of status is the queue's: one statement, guarded by the status that was read."""
        if "status" not in values:
            super().update_row(connection, entity, {**values, **self._keys_if_it_waits(values)})
            return
        fetched_status = self._fetched_status(entity)
        if values["status"] == PENDING and fetched_status in ENDED:
            values = {**values, **self._of_a_retry(entity)}
        self._queue.change_status(connection, entity.id, fetched_status, values)

    def after_write(self, connection: Connection, entities: Sequence[Entity]) -> None:
        """The job manager is to hear of the commit, once."""
        if any(entity.get("status") in (PENDING, CANCELED, None) for entity in entities):
            self._announce(connection)

    def removal_guard(self) -> tuple[ColumnElement[bool], ...]:
        """A job that runs stays."""
        return (self.table.c.status.is_distinct_from(RUNNING),)

    def remove_row(self, connection: Connection, entity_id: str) -> bool:
        """Mark a job as deleted; raises BadRequest while it runs."""
        return super().remove_row(connection, entity_id) or self._refuse_running(connection, entity_id)

    def delete_row(self, connection: Connection, entity_id: str) -> bool:
        """Delete a job for good, and what is kept of its attempts; raises BadRequest while it runs."""
        if not super().delete_row(connection, entity_id):
            return self._refuse_running(connection, entity_id)
        self._queue.attempts.forget(connection, entity_id)
        return True

    def delete_where(self, conditions: Any, *, permanently: bool = False) -> int:
        """See `Repository.delete_where`; with the rows goes what is kept of their attempts."""
        with self.database.transaction() as connection:
            count = super().delete_where(conditions, permanently=permanently)
            if permanently and count:
                named = conditions.get("id") if isinstance(conditions, Mapping) else None
                self._queue.attempts.forget_orphans(connection, named if isinstance(named, list) else None)
        return count

    def restore(self, entity_id: str) -> bool:
        """Bring a removed job back; if it is Pending, it will run."""
        is_restored = super().restore(entity_id)
        if is_restored:
            self.database.after_commit(self._queue.announce)
        return is_restored

    def update_where(self, conditions: Any, values: Mapping[str, Any]) -> int:
        """See `Repository.update_where`; raises BadRequest for what the job manager alone may write."""
        owned = [each for each in values if each in _OWNED]
        if owned:
            raise BadRequest(
                f"Job: {', '.join(owned)} cannot be set in many at once, as each change of a job's state is guarded by "
                "the state before: set the status of each job, and save it."
            )
        count = super().update_where(conditions, values)
        self.database.after_commit(self._queue.announce)  # they may be due by now
        return count

    def unfinished(self, now: datetime) -> Query:
        """Jobs that are due, run, or are being stopped, and those that failed and wait for their next attempt."""
        # One query, so that a job on its way from one of these to the next is in it.
        running = {"status": RUNNING}
        stopping = {"status": CANCELED, "runProcess!=": None}
        due = {"status": PENDING, "executeTime<=": now}
        later = {"status": PENDING, "executeTime>": now, "attempt>": 0}
        found = self.where({"OR": [running, stopping, due, later]})
        return found.restricted(
            lambda job: or_(job.c.status != PENDING, job.c.execute_time <= now, self._is_repeated(job))
        )

    def _is_repeated(self, job: FromClause) -> ColumnElement[bool]:
        """Whether the next start follows a failure: a retry by a person grants all the starts that a type has.

        Such a job has kept the executeTime that it was given, and the others have got the end of their pause.
        """
        types = as_object(self._metadata.get(["app", "jobTypes"]))
        counts = {name: self._max_attempts_of(name, as_object(entry)) for name, entry in types.items()}
        several = {name: count for name, count in counts.items() if count > 1}
        granted = case(several, value=job.c.type, else_=1) if several else literal(1)
        return job.c.attempt_limit - job.c.attempt < granted

    def dispatch_after_save(self, entity: Entity, changed: Collection[str] = _OF_A_RUN) -> None:
        """Tell the listeners of a change that the job manager wrote."""
        super().dispatch_after_save(entity, changed)

    def _type_of(self, entity: Entity) -> Mapping[str, Any]:
        """The entry of the job's type in `app.jobTypes`; empty for an unknown one, as its module may come later."""
        name = entity.get("type")
        known = as_object(self._metadata.get(["app", "jobTypes"]))
        entry = known.get(name)
        if isinstance(entry, Mapping):
            return entry
        if name and name not in self._warned_of:
            self._warned_of.add(name)
            logger.warning("No module has the job type '%s', so its jobs will fail.%s", name, did_you_mean(name, known))
        return {}

    def _given_by(self, entity: Entity, job_type: Mapping[str, Any]) -> dict[str, Any]:
        """What a new job has unless somebody says otherwise."""
        given: dict[str, Any] = {"executeTime": clock.now(), "attemptLimit": self._max_attempts(entity, job_type)}
        creator_id = (entity.get("payload") or {}).get("creatorId")
        if isinstance(creator_id, str) and len(creator_id) <= DEFAULT_LENGTH:
            given["creatorId"] = creator_id
        priority = self._number(entity.get("type"), job_type, "priority")
        return given if priority is None else {**given, "priority": float(priority)}

    def _max_attempts(self, entity: Entity, job_type: Mapping[str, Any]) -> int:
        return self._max_attempts_of(entity.get("type"), job_type)

    def _max_attempts_of(self, name: str | None, job_type: Mapping[str, Any]) -> int:
        return max(1, int(self._number(name, job_type, "maxAttempts") or 1))

    def _number(self, name: str | None, job_type: Mapping[str, Any], key: str) -> float | None:
        """What the job type says; None, and one warning, where it is no number that a column holds."""
        value = job_type.get(key)
        if value is None or (type(value) in (int, float) and abs(value) < _TOO_LARGE):
            return value
        what = f"{key} of the job type '{name}'"
        if what not in self._warned_of:
            self._warned_of.add(what)
            logger.warning("app/jobTypes.json: %s is %r, which is no number. It is left out.", what, value)
        return None

    def _change_status(self, entity: Entity, job_type: Mapping[str, Any]) -> None:
        former, status = self._fetched_status(entity), entity.get("status")
        check_transition(former, status)
        if status == PENDING:
            entity.set(_CLEARED_FOR_RETRY)
            if former in ENDED:
                more = self._max_attempts(entity, job_type)
                entity.set("attemptLimit", (entity.get("attempt") or 0) + more)

    def _of_a_retry(self, entity: Entity) -> dict[str, Any]:
        # By the row, not by what was read: the job may have had a run and its end since.
        columns = {str(self.type.attribute(name).column): None for name in _CLEARED_FOR_RETRY}
        more = self._max_attempts(entity, self._type_of(entity))
        return {**columns, "attempt_limit": self.table.c.attempt + more}

    def _keys_if_it_waits(self, values: Mapping[str, Any]) -> dict[str, ColumnElement[Any]]:
        # By the row as well: one that has ended since it was read would keep the key for ever.
        waits = self.table.c.status.in_((PENDING, AWAITING))
        columns = [self.table.c[name] for name in KEYS if name in values]
        return {each.name: case((waits, literal(values[each.name], each.type)), else_=each) for each in columns}

    def _fetched_status(self, entity: Entity) -> str:
        fetched = entity.get_fetched("status")
        if fetched is None:  # the entity was read without it
            with self.database.read() as connection:
                fetched = connection.execute(select(self.table.c.status).where(*self.living_row(entity.id))).scalar()
        if fetched is None:
            raise NotFound(f"The Job '{entity.id}' was deleted in the meantime.")
        return str(fetched)

    def _check_payload(self, entity: Entity, schema: dict[str, Any]) -> None:
        # What a run leaves in its payload is its own affair.
        if entity.get("status") in (PENDING, AWAITING) and entity.is_attribute_changed("payload"):
            what = Sentence("The payload of the job '{name}'", name=entity.get("name"))
            self._payload_schemas.check(what, entity.get("type"), entity.get("payload"), schema)

    def _is_to_have_new_keys(self, entity: Entity) -> bool:
        """A job that ended has none; what a run leaves in its payload is its own affair."""
        if entity.get("status") not in (PENDING, AWAITING):
            return False
        return entity.is_attribute_changed("status") or entity.is_attribute_changed("payload")

    def _set_keys(self, entity: Entity) -> None:
        keys = self._keys_of(entity)
        if keys:
            entity.set(keys)

    def _keys_of(self, entity: Entity) -> dict[str, str]:
        job_type = entity.get("type")
        if job_type not in self._queue.types.keyed:
            return {}
        whole = entity if entity.is_new() or entity.has("payload") else self.get(entity.id) or entity
        keys = self._job_keys.of(job_type, whole.get("payload"), f"The payload of the job '{whole.get('name')}'")
        if whole.get("fireTime") is not None:
            keys.pop(UNIQUE_KEY, None)
        return keys

    def _save_or_find(self, entity: Entity, options: Options) -> None:
        for _ in range(_TRIES):
            try:
                super().save_all([entity], options)
                return
            except NotUnique:
                if not entity.is_new() or entity.get(UNIQUE_KEY) is None:
                    raise
                holder = self._holder_of(entity)
                existing = None if holder is None else self.get(holder.id)
                if existing is not None:
                    entity.become(existing)
                    return
        super().save_all([entity], options)  # whoever had the key has ended each time

    def _holder_of(self, entity: Entity) -> Row[Any, Any] | None:
        """The other job with the same key."""
        job = self.table.c
        same = (job.type == entity.get("type"), job.unique_key == entity.get(UNIQUE_KEY), job.deleted.is_(False))
        with self.database.read() as connection:
            return connection.execute(select(job.id, job.status).where(*same, job.id != entity.id)).first()

    def _refuse_running(self, connection: Connection, entity_id: str) -> bool:
        status = connection.execute(select(self.table.c.status).where(*self.living_row(entity_id))).scalar()
        if status == RUNNING:
            raise BadRequest("A running job cannot be removed.")
        return False

    def _announce(self, connection: Connection) -> None:
        # Once for each transaction; a savepoint counts as one, as what is registered in it goes when it is rolled back.
        transaction = connection.get_nested_transaction() or connection.get_transaction()
        if transaction is not None and (self._announcing is None or self._announcing() is not transaction):
            self._announcing = weakref.ref(transaction)
            self.database.after_commit(self._queue.announce)
