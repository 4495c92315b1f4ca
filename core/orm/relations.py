"""Relating entities of one type to others, and finding what they are related to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete

from core.exceptions import BadRequest, NotFound, NotUnique
from core.orm.entity import Entity
from core.orm.entity_events import EntityEvents, Options, run_after
from core.orm.hooks import RepositoryHooks
from core.orm.link import Link
from core.orm.manager import Manager
from core.orm.query import Query
from core.orm.relation import Relation, middles

Data = Mapping[str, Any]


class Relations:
    """The links of one entity type, as its repository works with them."""

    def __init__(self, hooks: RepositoryHooks, events: EntityEvents, manager: Manager) -> None:
        self._hooks = hooks
        self._type = hooks.type
        self._events = events
        self._manager = manager
        self._relations: dict[str, Relation] = {}

    def related(self, entity: Entity, link_name: str) -> Query:
        """The entities that a link leads to."""
        link = self._type.link(link_name)
        query = Query(self._manager.get_repository(link.entity))
        if not link.leads_to_many:
            return query.where({"id": [each for each in [entity.get(link.attribute)] if each]})
        relation, entity_id = self._relation(link), entity.id
        return query.restricted(lambda far: relation.led_to_from(entity_id, far))

    def ids(self, entity: Entity, link_name: str) -> list[str]:
        """The ids of the entities that a link leads to, sorted."""
        return [each.id for each in self.related(entity, link_name).select(["id"]).order("id").find()]

    def names(self, entity: Entity, link_name: str) -> dict[str, Any]:
        """The names of the entities that a link leads to, by id; None for entities that have none."""
        found = self.related(entity, link_name).order("id").find()
        return {each.id: each.get("name") if each.has_attribute("name") else None for each in found}

    def relate(self, entity: Entity, link_name: str, other: Entity | str, data: Data, options: Options) -> bool:
        """See `Repository.relate`."""
        link, foreign = self._ends(entity, link_name, other)
        for each in (entity, foreign):
            if each.get("deleted"):
                raise NotFound(f"{each.entity_type} '{each.id}' is removed: it cannot be related by '{link_name}'.")
        self._dispatch_before("relate", entity, link, foreign, data, options)
        with self._hooks.database.transaction():
            is_new = self._connect(entity, link, foreign, data, options)
            if is_new:
                self._announce("relate", entity, link, foreign, data, options)
        return is_new

    def unrelate(self, entity: Entity, link_name: str, other: Entity | str, options: Options) -> bool:
        """See `Repository.unrelate`."""
        link, foreign = self._ends(entity, link_name, other)
        self._dispatch_before("unrelate", entity, link, foreign, {}, options)
        with self._hooks.database.transaction():
            is_ended = self._disconnect(entity, link, foreign, options)
            if is_ended:
                self._announce("unrelate", entity, link, foreign, {}, options)
        return is_ended

    def update(self, entity: Entity, link_name: str, other: Entity | str, data: Data) -> bool:
        """See `Repository.update_relation`."""
        link, foreign = self._ends(entity, link_name, other)
        self._check_data(link, data)
        middle = self._middle(entity, link, foreign)
        if middle is None:
            return False
        middle.set(data)
        self._manager.save_entity(middle)
        return True

    def between(self, entity: Entity, link_name: str, other: Entity | str) -> Entity | None:
        """See `Repository.get_relation`."""
        link, foreign = self._ends(entity, link_name, other)
        return self._middle(entity, link, foreign)

    def set_ids(
        self, entity: Entity, link: Link, former: Sequence[str], wanted: Sequence[str], options: Options
    ) -> None:
        """Relate and unrelate what the two lists differ in."""
        for each in dict.fromkeys(wanted):
            if each not in former:
                self.relate(entity, link.name, each, {}, options)
        for each in former:
            if each not in wanted:
                self.unrelate(entity, link.name, each, options)

    def forget(self, connection: Connection, entity_id: str) -> None:
        """Delete the rows of middle tables that lead from an entity, as it is deleted for good itself."""
        for middle, near in middles(self._manager.schema, self._type):
            connection.execute(delete(middle).where(middle.c[near] == entity_id))

    def _connect(self, entity: Entity, link: Link, foreign: Entity, data: Data, options: Options) -> bool:
        if not link.leads_to_many:
            return self._point(entity, link.attribute, foreign.id, options)
        if link.middle is None:
            return self._point(foreign, self._back(link), entity.id, options)
        if self._middle(entity, link, foreign) is not None:
            if data:
                self.update(entity, link.name, foreign, data)
            return False
        middle = self._manager.get_repository(link.middle.entity).make()
        middle.set({link.middle.near: entity.id, link.middle.far: foreign.id, **data})
        try:
            self._manager.save_entity(middle, options)
        except NotUnique:  # somebody else has related them meanwhile
            return False
        return True

    def _disconnect(self, entity: Entity, link: Link, foreign: Entity, options: Options) -> bool:
        if not link.leads_to_many:
            return self._point(entity, link.attribute, None, options, only_from=foreign.id)
        if link.middle is None:
            return self._point(foreign, self._back(link), None, options, only_from=entity.id)
        middle = self._middle(entity, link, foreign)
        if middle is None:
            return False
        self._manager.remove_entity(middle, options)
        return True

    def _point(
        self, entity: Entity, attribute: str, target: str | None, options: Options, *, only_from: str | None = None
    ) -> bool:
        """Write one attribute of an entity, and nothing else that was set in it; says whether it was another."""
        current = self._manager.get_entity(entity.entity_type, entity.id)
        if current is None:
            raise NotFound(f"The {entity.entity_type} '{entity.id}' was deleted in the meantime.")
        former = current.get(attribute)
        if former == target or (only_from is not None and former != only_from):
            return False
        current.set(attribute, target)
        self._manager.save_entity(current, options)
        self._hooks.database.after_rollback(entity.undoing())
        entity.take_over(current, [attribute, "modifiedAt", "modifiedById"])
        return True

    def _middle(self, entity: Entity, link: Link, foreign: Entity) -> Entity | None:
        if link.middle is None:
            raise BadRequest(f"The link '{link.name}' of {self._type.name} goes through no entity of its own.")
        repository = self._manager.get_repository(link.middle.entity)
        found: Entity | None = repository.where({link.middle.near: entity.id, link.middle.far: foreign.id}).find_one()
        return found

    def _back(self, link: Link) -> str:
        """The attribute of the other side that leads back here."""
        back = self._relation(link).far_type.link(link.foreign or "")
        return back.attribute

    def _relation(self, link: Link) -> Relation:
        if link.name not in self._relations:
            self._relations[link.name] = Relation(self._manager.schema, self._type, link)
        return self._relations[link.name]

    def _ends(self, entity: Entity, link_name: str, other: Entity | str) -> tuple[Link, Entity]:
        link = self._type.link(link_name)
        if entity.entity_type != self._type.name:
            raise BadRequest(f"'{link_name}' is a link of {self._type.name}, not of {entity.entity_type}.")
        if entity.is_new() or (isinstance(other, Entity) and other.is_new()):
            raise BadRequest(f"{self._type.name}: save both entities before they are related by '{link_name}'.")
        if isinstance(other, Entity):
            if other.entity_type != link.entity:
                raise BadRequest(
                    f"The link '{link_name}' of {self._type.name} leads to {link.entity}, not to {other.entity_type}."
                )
            return link, other
        # A removed one is found as well: what it was related to may be taken from it.
        found = self._manager.get_repository(link.entity).with_deleted().where({"id": other}).find_one()
        if found is None:
            raise NotFound(f"There is no {link.entity} '{other}' for the link '{link_name}' of {self._type.name}.")
        return link, found

    def _check_data(self, link: Link, data: Data) -> None:
        if data and link.middle is None:
            raise BadRequest(
                f"The link '{link.name}' of {self._type.name} has no fields of its own for {dict(data)!r}."
            )

    def _dispatch_before(
        self, what: str, entity: Entity, link: Link, foreign: Entity, data: Data, options: Options
    ) -> None:
        self._check_data(link, data)
        if options.get("skipAll"):
            return
        more = {"relationName": link.name, "relationData": data, "foreign": foreign}
        self._events.dispatch(f"before_{what}", entity, options, **more)
        getattr(self._hooks, f"before_{what}")(entity, link.name, foreign, data, options)

    def _announce(self, what: str, entity: Entity, link: Link, foreign: Entity, data: Data, options: Options) -> None:
        if options.get("skipAll"):
            return
        more = {"relationName": link.name, "relationData": data, "foreign": foreign}

        def tell() -> None:
            self._events.dispatch_after(f"after_{what}", entity, options, **more)
            run_after(getattr(self._hooks, f"after_{what}"), entity, link.name, foreign, data, options)

        self._hooks.database.after_commit(tell)
