"""The schedules: what is refused when one is saved, and what becomes of the job that waits in the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table

from core import clock
from core.exceptions import BadRequest, did_you_mean
from core.job_queue.payload_schemas import PayloadSchemas
from core.job_queue.queue import JobQueue
from core.orm.definition import as_object
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.entity_type import EntityType
from core.orm.manager import Manager
from core.orm.repository import Repository
from core.sentence import Sentence

#: When it fires: a change of these begins anew, from now.
_TIMING = ("isActive", "scheduling", "timeZone", "startsAt", "endsAt")
#: What its next job is like.
_OF_THE_JOB = ("name", "type", "payload", "priority", "jitterSeconds")


class ScheduledJob(Repository):
    """Saves schedules. The job manager makes their jobs; a change takes the one that waits with it (AtroCore 5)."""

    def __init__(self, entity_type: EntityType, table: Table, entity_class: type[Entity], manager: Manager) -> None:
        super().__init__(entity_type, table, entity_class, manager)
        self._queue: JobQueue = manager.container.get("jobQueue")
        self._metadata = manager.container.get("metadata")
        self._config = manager.container.get("config")
        self._payload_schemas = PayloadSchemas()

    def before_save(self, entity: Entity, options: Options) -> None:
        """Judge type, expression, zone and payload; a schedule that becomes active counts from now."""
        if entity.get("timeZone") == "":
            entity.set("timeZone", None)  # what forms send for the zone of the configuration
        if entity.is_new() or entity.is_attribute_changed("type"):
            self._judge_type(entity)
        if entity.is_new() or any(map(entity.is_attribute_changed, _TIMING)):
            if entity.get("isActive") or entity.is_new() or any(map(entity.is_attribute_changed, _TIMING[1:])):
                self._judge_timing(entity)  # what bare SQL broke can be switched off
            entity.set({"countsFrom": clock.now(), "nextFireTime": None})
            if entity.get("isActive"):
                entity.set("message", None)
        elif any(map(entity.is_attribute_changed, _OF_THE_JOB)):
            entity.set("nextFireTime", None)
        if entity.is_new() or any(map(entity.is_attribute_changed, ("payload", "type"))):
            self.judge_payload(entity)

    def update_row(self, connection: Connection, entity: Entity, values: Mapping[str, Any]) -> None:
        """The waiting job goes with the change; one whose time has come stays, unless the schedule is switched off."""
        if not self._replanned & values.keys():
            super().update_row(connection, entity, values)
            return
        # Also where it was read without a plan: there may be one by now.
        super().update_row(connection, entity, {**values, "next_fire_time": None})
        after = None if values.get("is_active") is False else clock.now()
        self._queue.schedules.drop_waiting(connection, entity.id, after)

    def after_write(self, connection: Connection, entities: Sequence[Entity]) -> None:
        """The job manager is to look."""
        self.database.after_commit(self._queue.announce)

    def remove_row(self, connection: Connection, entity_id: str) -> bool:
        """The waiting job goes as well."""
        is_removed = super().remove_row(connection, entity_id)
        self._queue.schedules.drop_waiting(connection, entity_id)
        return is_removed

    def delete_row(self, connection: Connection, entity_id: str) -> bool:
        """The waiting job goes as well."""
        is_deleted = super().delete_row(connection, entity_id)
        self._queue.schedules.drop_waiting(connection, entity_id)
        return is_deleted

    def restore(self, entity_id: str) -> bool:
        """Bring a removed schedule back; it counts from now. Raises BadRequest where its type allows one alone."""
        removed = self.where({"id": entity_id, "deleted": True}).find_one()
        if removed is None:
            return False
        self._judge_unique(removed)
        with self.database.transaction():
            is_restored = super().restore(entity_id)
            entity = self.get(entity_id)
            if entity is not None and is_restored:
                entity.set({"countsFrom": clock.now(), "nextFireTime": None, "message": None})
                self.save(entity, {"skipBeforeSave": True, "skipAfterSave": True})
        return is_restored

    def update_where(self, conditions: Any, values: Mapping[str, Any]) -> int:
        """See `Repository.update_where`; each of the schedules is judged, and its waiting job replaced."""
        if not set(values) & {*_TIMING, *_OF_THE_JOB}:
            return super().update_where(conditions, values)
        with self.database.transaction():
            entities = self.where(conditions).find()
            for entity in entities:
                entity.set(values)
            self.save_all(entities)
        return len(entities)

    def judge_payload(self, entity: Entity) -> None:
        """Raise BadRequest where the payload does not fit the job type's `payloadSchema`."""
        schema = as_object(self._metadata.get(["app", "jobTypes", entity.get("type")])).get("payloadSchema")
        if schema is not None:
            what = Sentence("The payload of the schedule '{name}'", name=entity.get("name"))
            self._payload_schemas.check(what, entity.get("type"), entity.get("payload"), schema)

    @cached_property
    def _replanned(self) -> frozenset[str]:
        """The columns whose change makes the next job another one."""
        return frozenset(self.type.columns[name] for name in ("countsFrom", *_TIMING, *_OF_THE_JOB))

    def _judge_type(self, entity: Entity) -> None:
        known, name = as_object(self._metadata.get(["app", "jobTypes"])), entity.get("type")
        schedulable = sorted(each for each, entry in known.items() if as_object(entry).get("scheduledJob") is True)
        if not name:
            raise BadRequest(Sentence("The type of the job is missing."), field="type")
        if name not in schedulable:
            hint = Sentence("no module has it.{near}", near=did_you_mean(str(name), schedulable))
            if name in known:
                hint = Sentence(
                    'its entry in jobTypes.json has no "scheduledJob": true. These have: {types}.',
                    types=", ".join(schedulable),
                )
            told = Sentence("The job type '{type}' cannot be scheduled: {hint}", type=name, hint=hint)
            raise BadRequest(told, field="type")
        self._judge_unique(entity)

    def _judge_unique(self, entity: Entity) -> None:
        name = entity.get("type")
        is_unique = as_object(self._metadata.get(["app", "jobTypes", name])).get("unique") is True
        # The unique index of the attribute decides where two are saved at once.
        entity.set("uniqueType", name if is_unique else None)
        if is_unique and self.where({"type": name, "id!=": entity.id or ""}).exists():
            label = self.get_container().get("language").translate_option(name, "type", "ScheduledJob")
            raise BadRequest(Sentence("Only one '{label}' job is allowed.", label=label), field="type")

    def _judge_timing(self, entity: Entity) -> None:
        from core.schedule import Schedule  # takes a while to load, and only who saves schedules needs it

        zone = entity.get("timeZone") or str(self._config.get("timeZone"))
        schedule = Schedule(entity.get("scheduling") or "", zone)
        starts_at, ends_at = entity.get("startsAt"), entity.get("endsAt")
        if starts_at is not None and ends_at is not None and ends_at < starts_at:
            end, start = clock.to_iso(ends_at), clock.to_iso(starts_at)
            told = Sentence("endsAt ({end}) is before startsAt ({start}).", end=end, start=start)
            raise BadRequest(told, field="endsAt")
        if entity.get("isActive") and ends_at is not None:
            following = schedule.next_after(max(filter(None, (clock.now(), starts_at))))
            if following is None or following > ends_at:
                told = Sentence(
                    "'{expression}' has no fire time left before endsAt ({end}): "
                    "let it end later, or leave the schedule inactive.",
                    expression=schedule.expression,
                    end=clock.to_iso(ends_at),
                )
                raise BadRequest(told, field="endsAt")
