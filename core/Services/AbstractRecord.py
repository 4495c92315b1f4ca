"""What a record service is made of: its repository, its events, how records go out, and the methods to override."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

from core.access.caller import bound_caller, trusted
from core.access.entry import TRUSTED, Entry, Guard
from core.container import Container
from core.exceptions import NotFound
from core.log import logger
from core.orm import Entity, Query, Repository
from core.orm.entity_events import run_after
from core.orm.field_types import is_storable
from core.records.record_list import find
from core.records.record_output import Output, RecordOutput
from core.records.service_events import Arguments, ServiceEvents
from core.sentence import Sentence
from core.Services.AbstractService import AbstractService

#: What comes in: values that are ready for JSON, by attribute.
Data = Mapping[str, Any]


class AbstractRecord(AbstractService):
    """Base of Record.

    A service that extends Record overrides the methods `before_...` (which may refuse by an exception) and `after_...`
    (after the commit; what they raise is logged), and `prepare_...`, which change what goes out.
    """

    def __init__(self, container: Container) -> None:
        super().__init__(container)
        #: Whose records these are; ServiceFactory sets it to the name that it was asked for.
        self.entity_type = type(self).__name__

    def get_repository(self) -> Repository:
        """Finds and saves the entities."""
        repository: Repository = self.get_entity_manager().get_repository(self.entity_type)
        return repository

    def before_create_entity(self, entity: Entity, data: Data) -> None:
        """Fill in and judge a new entity, in which the input stands already."""

    def after_create_entity(self, entity: Entity, data: Data) -> None:
        """React to a new record."""

    def before_update_entity(self, entity: Entity, data: Data) -> None:
        """Fill in and judge a changed entity, in which the input stands already."""

    def after_update_entity(self, entity: Entity, data: Data) -> None:
        """React to a change."""

    def before_delete_entity(self, entity: Entity) -> None:
        """Judge whether a record may go."""

    def after_delete_entity(self, entity: Entity) -> None:
        """React to a removal."""

    def before_restore_entity(self, entity: Entity) -> None:
        """Judge whether a removed record may come back."""

    def after_restore_entity(self, entity: Entity) -> None:
        """React to a record that came back."""

    def prepare_entity_for_output(self, entity: Entity, result: Output) -> Output:
        """What of an entity goes out; listeners of the event of this name may change it."""
        arguments = {"entity": entity, "result": result}
        prepared: Output = self._events.dispatch("prepare_entity_for_output", arguments)["result"]
        return prepared

    def prepare_collection_for_output(
        self, collection: Sequence[Entity], result: list[Output], params: Data
    ) -> list[Output]:
        """What of a list goes out; listeners of the event of this name may change it. Then each entity is prepared."""
        arguments = {"collection": collection, "result": result, "params": params}
        prepared: list[Output] = self._events.dispatch("prepare_collection_for_output", arguments)["result"]
        return prepared

    # For the methods of Record

    @contextmanager
    def _entry(self, *actions: str) -> Iterator[Entry]:
        """For who asks from outside: raises Forbidden where she may not; what is done inside is bound no more."""
        asking = bound_caller()
        if asking is None:
            yield TRUSTED
            return
        entry = self._container.get(Guard).entry(asking, actions, self.get_repository().type)
        with trusted():
            yield entry

    @cached_property
    def _events(self) -> ServiceEvents:
        return ServiceEvents(self.get_event_manager(), self.entity_type, self)

    def _before(self, action: str, arguments: Arguments) -> Arguments:
        """The arguments as the listeners left them."""
        with trusted():  # listeners are
            return self._events.dispatch(f"before_{action}", arguments)

    def _after(self, action: str, arguments: Arguments, result: Any) -> Any:
        """What the listeners of a change made of its result; they are told when it is committed."""
        told: Arguments = {}

        def tell() -> None:
            with trusted():
                told.update(self._events.dispatch_after(f"after_{action}", {**arguments, "result": result}))

        self.get_entity_manager().database.after_commit(tell)
        return told.get("result", result)

    def _after_commit(self, call: Callable[..., None], *arguments: object) -> None:
        self.get_entity_manager().database.after_commit(lambda: run_after(call, *arguments))

    def _find(self, entity_id: Any, repository: Repository | None = None, *, or_removed: bool = False) -> Entity:
        repository = repository or self.get_repository()
        entity = None
        if isinstance(entity_id, str) and is_storable(entity_id):
            query = repository.where({"id": entity_id})
            entity = query.with_deleted().find_one() if or_removed else repository.get(entity_id)
        if entity is None:
            raise NotFound(Sentence("There is no {entity} '{id}'.", entity=repository.type.name, id=entity_id))
        return entity

    def _list(self, query: Query, params: Data, entry: Entry) -> Output:
        collection = self.get_metadata().get(["entityDefs", self.entity_type, "collection"], {})
        conditions = partial(self._conditions, entry=entry)
        judge = partial(entry.judge_term, terms=self.get_repository().terms) if entry.judges_terms else None
        found = find(query, self.get_repository().type, conditions, collection, params, judge)
        result: Output = {}
        if found.entities is not None:
            result["list"] = [entry.shown(each) for each in self._outputs(found.entities, params)]
        if found.total is not None:
            result["total"] = found.total
        if found.next_cursor is not None:
            result["next"] = found.next_cursor
        return result

    def _conditions(self, where: Any, entry: Entry = TRUSTED) -> Any:
        """The conditions of a client in the words of `Query.where`, by the type's select manager."""
        manager = self._container.get("selectManagerFactory").create(self.entity_type)
        if not entry.judges_terms:
            return manager.where(where)
        judge = partial(entry.judge_term, terms=self.get_repository().terms)
        return [*manager.where(where, judge), *entry.own()]

    def _output(self, entity: Entity) -> Output:
        return self.prepare_entity_for_output(entity, self._rows([entity])[0])

    def _outputs(self, entities: Sequence[Entity], params: Data) -> list[Output]:
        rows = self.prepare_collection_for_output(entities, self._rows(entities), params)
        by_id = {entity.id: entity for entity in entities}
        return [
            self.prepare_entity_for_output(by_id[row["id"]], row) if row.get("id") in by_id else row for row in rows
        ]

    def _output_of_change(self, action: str, entity: Entity, given: Arguments) -> Output:
        answer: Output = self._after(action, {**given, "entity": entity}, self._output_after_commit(entity))
        return answer

    def _output_after_commit(self, entity: Entity) -> Output:
        """As `_output`, but where that cannot be had, the id alone: what is committed is no failure."""
        try:
            return self._output(entity)
        except Exception:  # noqa: BLE001 - listeners and services of modules are foreign code
            logger.exception("%s '%s' was saved, but cannot be shown.", self.entity_type, entity.id)
            return {"id": entity.id}

    def _rows(self, entities: Sequence[Entity]) -> list[Output]:
        return RecordOutput(self.get_entity_manager(), self.get_repository().type).rows(entities)
