"""Records of one entity type, as the API works with them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from core.access.audit import values_of
from core.access.entry import Entry
from core.Entities.Role import CREATE, DELETE, EDIT, READ
from core.exceptions import BadRequest, Forbidden, NotModified
from core.orm import Entity
from core.orm.entity_events import Options
from core.orm.field_state import is_protected
from core.records.mass_action import MOST_WITHOUT_JOB, MassAction, Selection
from core.records.record_input import accepted, check_previous, fill_in, has_changes
from core.records.record_output import Output
from core.records.service_events import Arguments
from core.records.tally import Tally
from core.Services.AbstractRecord import AbstractRecord, Data


class Record(AbstractRecord):
    """Creates, reads, changes, removes, lists and relates the records of one entity type (AtroCore 8.5).

    What it takes and answers is ready for JSON; what it refuses is an error of `core.exceptions` with its HTTP status.
    Who asks from outside is bound by her rights, and audited (`core.access.entry`). Listeners are told before and after
    (`Listeners/Service.py`, `Listeners/<Entity>Service.py`).
    """

    def create_entity(self, data: Data, entity_id: str | None = None) -> Output:
        """Store a new record, and answer it; `entity_id` is the id that it is to have.

        Raises BadRequest that names all that is wrong, NotUnique, and Forbidden for protected attributes.
        """
        with self._entry(CREATE) as entry:
            given = self._before("create_entity", {"attachment": data})
            repository = self.get_repository()
            entity = repository.make()
            data = entry.restored(given["attachment"], entity)
            fill_in(entity, repository.type, data)
            if entity_id is not None:
                entity.set("id", entity_id)
            entry.judge(entity)
            self.before_create_entity(entity, data)
            self._save(entity, entry)
            self._after_commit(self.after_create_entity, entity, data)
            return entry.shown(self._output_of_change("create_entity", entity, given))

    def get_entity(self, entity_id: str) -> Entity:
        """The entity, for code that works with it; raises NotFound."""
        with self._entry(READ) as entry:
            given = self._before("get_entity", {"id": entity_id})
            entity = self._find(given["id"])
            entry.judge(entity)
            found: Entity = self._events.dispatch("after_get_entity", {**given, "entity": entity})["entity"]
            return found

    def read_entity(self, entity_id: str) -> Output:
        """The record; raises NotFound."""
        with self._entry(READ) as entry:
            given = self._before("read_entity", {"id": entity_id})
            entity = self.get_entity(given["id"])
            entry.judge(entity)
            arguments = {**given, "entity": entity, "result": self._output(entity)}
            read: Output = self._events.dispatch("after_read_entity", arguments)["result"]
            return entry.shown(read)

    def update_entity(self, entity_id: str, data: Data) -> Output:
        """Change some attributes of a record, and answer it.

        With `_prev` (what the client has read, by attribute) it is a Conflict where somebody else has changed one of
        these meanwhile. Raises NotModified where nothing changes, NotFound, and what `create_entity` raises.
        """
        with self._entry(*self._actions_of(data)) as entry:
            given = self._before("update_entity", {"id": entity_id, "data": data})
            repository = self.get_repository()
            entity = self._find(given["id"])
            entry.judge(entity)
            data = entry.restored(given["data"], entity)
            has_previous = check_previous(entity, repository.type, data)
            fill_in(entity, repository.type, data)
            entry.judge(entity)
            self.before_update_entity(entity, data)
            if not has_changes(entity, repository.type):
                raise NotModified(f"{self.entity_type} '{entity.id}' has these values already.")
            self._save(entity, entry, {"check_version": has_previous and "modifiedAt" in repository.type.columns})
            self._after_commit(self.after_update_entity, entity, data)
            return entry.shown(self._output_of_change("update_entity", entity, given))

    def delete_entity(self, entity_id: str, permanently: bool = False) -> bool:
        """Remove a record; `permanently` deletes it for good, whether it was removed before or not. Raises NotFound."""
        with self._entry(DELETE) as entry:
            given = self._before("delete_entity", {"id": entity_id, "permanently": permanently})
            entity = self._find(given["id"], or_removed=given["permanently"])
            entry.judge(entity)
            self.before_delete_entity(entity)
            with entry.transaction():
                entry.note(entity, values_of(entity), None)
                if given["permanently"]:
                    self._delete_for_good(entity)
                else:
                    self.get_repository().remove(entity)
            self._after_commit(self.after_delete_entity, entity)
            return bool(self._after("delete_entity", {**given, "entity": entity}, True))

    def restore_entity(self, entity_id: str) -> Output:
        """Bring a removed record back, and answer it; raises NotModified where it is not removed, and NotFound."""
        with self._entry(DELETE) as entry:
            given = self._before("restore_entity", {"id": entity_id})
            entity = self._find(given["id"], or_removed=True)
            entry.judge(entity)
            self.before_restore_entity(entity)
            with entry.transaction():
                if not self.get_repository().restore(entity.id):
                    raise NotModified(f"{self.entity_type} '{entity.id}' is not removed.")
                entry.note(entity, None, values_of(entity), "restore")
            entity = self._find(entity.id)
            self._after_commit(self.after_restore_entity, entity)
            return entry.shown(self._output_of_change("restore_entity", entity, given))

    def find_entities(self, params: Data) -> Output:
        """A page of records: `{"list": [...], "next": "..."}`; `next` is the `after` of the next page, if there is one.

        `total` is there where it costs nothing, or was asked for. See `core.records.record_list.find` for `params`.
        """
        with self._entry(READ) as entry:
            given = self._before("find_entities", {"params": params})
            result = self._list(self.get_repository().where({}), given["params"], entry)
            found: Output = self._events.dispatch("after_find_entities", {**given, "result": result})["result"]
            return found

    def find_linked_entities(self, entity_id: str, link: str, params: Data) -> Output:
        """A page of the records that a link leads to, as `find_entities`; the service of their type lets them go out.

        Raises NotFound, and BadRequest for a link that is none.
        """
        with self._entry(READ) as entry:
            given = self._before("find_linked_entities", {"id": entity_id, "link": link, "params": params})
            repository, entity = self.get_repository(), self._find(given["id"])
            entry.judge(entity)
            query = repository.related(entity, given["link"])
            far = self._container.get("serviceFactory").create_record(repository.type.link(given["link"]).entity)
            result = far._list(query, given["params"], entry.to(far.get_repository().type))
            found: Output = self._events.dispatch("after_find_linked_entities", {**given, "result": result})["result"]
            return found

    def link_entity(self, entity_id: str, link: str, foreign_id: str | Sequence[str], data: Data | None = None) -> bool:
        """Let a link lead to another record, or to several (all or none); says whether it did not before.

        `data` are fields of the relation's own entity. Raises NotFound, BadRequest for a link that is none, and
        Forbidden for a protected one.
        """
        with self._entry(EDIT) as entry:
            told = [
                self._before("link_entity", {"id": entity_id, "link": link, "foreignId": each, "data": data})
                for each in _each(foreign_id)
            ]
            with entry.transaction(), self._all_or_none(told):
                related = [self._relate(given, entry) for given in told]
            return any(related)

    def unlink_entity(self, entity_id: str, link: str, foreign_id: str | Sequence[str]) -> bool:
        """Let a link lead to another record, or to several (all or none), no more; says whether it did.

        Raises as `link_entity`.
        """
        with self._entry(EDIT) as entry:
            told = [
                self._before("unlink_entity", {"id": entity_id, "link": link, "foreignId": each})
                for each in _each(foreign_id)
            ]
            with entry.transaction(), self._all_or_none(told):
                ended = [self._unrelate(given, entry) for given in told]
            return any(ended)

    def mass_update(self, data: Data, params: Data, *, as_job: bool = False) -> Output:
        """Change the same attributes of many records: those in `ids`, or all that meet `where` (API form).

        Up to 200 at once: `{"updated": 2, "errors": ["<id>: ..."]}`. More, or `as_job`, by a job: `{"jobId": "..."}`.
        """
        given = self._before("mass_update", {"data": data, "params": params})
        data, params = given["data"], given["params"]
        repository = self.get_repository()
        repository.make().set(accepted(repository.type, data))  # what fits no record is refused once
        action = MassAction(
            "update", "updated", lambda each: self.update_entity(each, copy.deepcopy(data)), {"input": data}
        )
        return self._output_of_mass_action(action, given, as_job)

    def mass_delete(self, params: Data, *, as_job: bool = False) -> Output:
        """Remove many records; `permanently` in `params` deletes them for good. See `mass_update`."""
        given = self._before("mass_delete", {"params": params})
        action = MassAction(
            "delete", "deleted", lambda each: self.delete_entity(each, bool(given["params"].get("permanently")))
        )
        return self._output_of_mass_action(action, given, as_job)

    def mass_restore(self, params: Data, *, as_job: bool = False) -> Output:
        """Bring many removed records back. See `mass_update`."""
        given = self._before("mass_restore", {"params": params})
        return self._output_of_mass_action(MassAction("restore", "restored", self.restore_entity), given, as_job)

    def reading(self) -> AbstractContextManager[object]:
        """Raises Forbidden where who asks from outside may read no such record; inside nothing is bound."""
        return self._entry(READ)

    def changing(self, action: str, data: Data | None = None) -> AbstractContextManager[object]:
        """As `reading`, of who may `update` (with these data), `delete` or `restore` no such record."""
        return self._entry(*(self._actions_of(data or {}) if action == "update" else (DELETE,)))

    def selection(self, params: Data, *, removed: bool = False) -> Selection:
        """The records that the `params` of a mass action mean; with `removed` the removed ones among them."""
        with self._entry(READ) as entry:
            return Selection(self.get_repository(), partial(self._conditions, entry=entry), params, removed=removed)

    def _actions_of(self, data: Data) -> tuple[str, ...]:
        """What a change of these attributes is called."""
        return (EDIT,)

    def _save(self, entity: Entity, entry: Entry, options: Options | None = None) -> None:
        with entry.transaction():
            changes = entry.changes(entity)
            self.get_repository().save(entity, options)
            entry.note(entity, *changes)

    def _delete_for_good(self, entity: Entity) -> None:
        repository = self.get_repository()
        with self.get_entity_manager().transaction():
            if not entity.get("deleted"):
                repository.remove(entity)  # so that listeners may refuse
            repository.delete_from_db(entity.id)

    def _all_or_none(self, changes: Sequence[object]) -> AbstractContextManager[object]:
        """A transaction, unless there is one change, which is one by itself: listeners should not have it open."""
        return self.get_entity_manager().transaction() if len(changes) > 1 else nullcontext()

    def _relate(self, given: Arguments, entry: Entry) -> bool:
        entity, foreign = self._ends(given)
        entry.judge_link(entity, foreign)
        entry.note(entity, None, {given["link"]: foreign.id}, "link")
        is_new = self.get_repository().relate(entity, given["link"], foreign, given["data"])
        return bool(self._after("link_entity", {**given, "entity": entity}, is_new))

    def _unrelate(self, given: Arguments, entry: Entry) -> bool:
        entity, foreign = self._ends(given)
        entry.judge_link(entity, foreign)
        entry.note(entity, {given["link"]: foreign.id}, None, "unlink")
        is_ended = self.get_repository().unrelate(entity, given["link"], foreign)
        return bool(self._after("unlink_entity", {**given, "entity": entity}, is_ended))

    def _ends(self, given: Arguments) -> tuple[Entity, Entity]:
        entity = self._find(given["id"])
        link = self.get_repository().type.link(given["link"])
        far = self.get_entity_manager().get_repository(link.entity)
        foreign = self._find(given["foreignId"], far)
        for end, way in ((entity, link), (foreign, far.type.links.get(link.foreign or ""))):
            if way is not None and end.has_attribute(way.attribute) and is_protected(end, way.attribute):
                raise Forbidden(f"{end.entity_type}: {way.attribute} cannot be changed through the API: protected.")
        return entity, foreign

    def _output_of_mass_action(self, action: MassAction, given: Arguments, as_job: bool) -> Output:
        with self.changing(action.name, given.get("data")):
            pass  # who may change none of them is told so at once, and not for each
        selection = self.selection(given["params"], removed=action.name == "restore")
        ids = [] if as_job else selection.first(MOST_WITHOUT_JOB + 1)  # a job has more time to look for them
        if as_job or len(ids) > MOST_WITHOUT_JOB:
            start = self.get_service("MassActions").start
            result = {"jobId": start(action.name, self.entity_type, given["params"], action.data)}
        else:  # each by an entry of its own
            tally = Tally(action.word)
            for each in ids:
                tally.attempt(each, action.call)
            result = {action.word: tally.done, "errors": tally.errors}
        answer: Output = self._after(f"mass_{action.name}", given, result)
        return answer


def _each(foreign_id: Any) -> list[str]:
    ids = [foreign_id] if isinstance(foreign_id, str) else foreign_id
    if not isinstance(ids, list | tuple) or not all(isinstance(each, str) for each in ids):
        raise BadRequest(f"A link leads to an id or a list of ids, not {foreign_id!r}.")
    return list(dict.fromkeys(ids))
