"""What of records goes out: dicts that are ready for JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from core.exceptions import Error
from core.orm import Entity, EntityManager
from core.orm.entity_type import EntityType
from core.orm.link import Link

Output = dict[str, Any]


class RecordOutput:
    """Makes the dicts of entities of one type: what they hold, and of those that they link to what is shown with them.

    To its attributes come, for each link `owner` that belongs to one, `ownerName`; the fields of type foreign; and of
    fields that are not stored those that were set.
    """

    def __init__(self, manager: EntityManager, entity_type: EntityType) -> None:
        self._manager = manager
        self._type = entity_type
        self._links: dict[str, list[Link]] = defaultdict(list)
        for link in entity_type.links.values():
            if not link.leads_to_many and self._exists(link):
                self._links[link.entity].append(link)

    def rows(self, entities: Sequence[Entity]) -> list[Output]:
        """A dict for each entity; one query for each linked entity type, however many entities there are."""
        rows = [{**entity.to_dict(), **self._unstored(entity)} for entity in entities]
        for entity_type, links in self._links.items():
            ids = {row[link.attribute] for row in rows for link in links if row.get(link.attribute)}
            linked = self._linked(entity_type, ids, [name for link in links for name in self._shown_of(link).values()])
            for row in rows:
                for link in links:
                    if link.attribute in row:
                        values = linked.get(row[link.attribute], {})
                        row.update({name: values.get(shown) for name, shown in self._shown_of(link).items()})
        return rows

    def _exists(self, link: Link) -> bool:
        try:
            self._manager.get_repository(link.entity)
        except Error:  # `check` tells of a link that leads nowhere; the record can be read all the same
            return False
        return True

    def _shown_of(self, link: Link) -> dict[str, str]:
        """From the name under which it goes out to the attribute of the linked entity."""
        foreign = {each.name: each.field for each in self._type.foreign_fields.values() if each.link == link.name}
        return {f"{link.name}Name": "name", **foreign}

    def _linked(self, entity_type: str, ids: Iterable[str], attributes: Iterable[str]) -> dict[str, Output]:
        wanted = list(ids)
        if not wanted:
            return {}
        repository = self._manager.get_repository(entity_type)
        selected = [name for name in dict.fromkeys(attributes) if name in repository.type.columns]
        found = repository.where({"id": wanted}).select(selected).find()
        return {entity.id: entity.to_dict() for entity in found}

    def _unstored(self, entity: Entity) -> Output:
        unstored = (each for each in self._type.attributes.values() if each.column is None)
        return {each.name: entity.get(each.name) for each in unstored if entity.has(each.name)}
