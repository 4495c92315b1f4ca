"""Which entities can be had over HTTP, and what of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.exceptions import BadRequest, Error, did_you_mean
from core.metadata import Metadata
from core.orm import Schema
from core.orm.definition import as_object
from core.orm.entity_type import EntityType


@dataclass(frozen=True)
class Exposed:
    """An entity type with routes; without changes where the job manager alone writes it."""

    type: EntityType
    is_read_only: bool
    #: Links to many others that can be had as well.
    links: tuple[str, ...]

    @property
    def name(self) -> str:
        """As it stands in addresses."""
        return self.type.name


class Exposure:
    """The entities of the metadata but for those whose scope is `internal`."""

    def __init__(self, metadata: Metadata, schema: Schema) -> None:
        self._metadata = metadata
        self.entities = {each.name: each for each in self._read(schema)}

    def get(self, name: Any) -> Exposed:
        """The entity of this name; raises BadRequest with the near one."""
        if not isinstance(name, str):
            raise BadRequest("'entityName' is to be the name of an entity.", field="entityName")
        found = self.entities.get(name)
        if found is None:
            raise BadRequest(f"There is no entity '{name[:100]}'.{self.near(name[:100])}", field="entityName")
        return found

    def changeable(self, name: Any) -> Exposed:
        """As `get`; raises BadRequest where it can only be read."""
        found = self.get(name)
        if found.is_read_only:
            raise BadRequest(f"{found.name} is written by the job manager alone.", field="entityName")
        return found

    def near(self, name: str) -> str:
        """` Did you mean 'Job'?`, or nothing; nothing as well where the name is right."""
        return "" if name in self.entities else did_you_mean(name, self.entities)

    def _read(self, schema: Schema) -> Iterator[Exposed]:
        scopes = as_object(self._metadata.get("scopes"))
        names = [each for each in scopes if self._is(each, "entity") and not self._is(each, "internal")]
        for name in names:
            try:
                entity_type = schema.entity_type(name)
            except Error:  # `check` says what is wrong with it
                continue
            yield Exposed(entity_type, self._is(name, "readOnly"), tuple(_links(entity_type, names)))

    def _is(self, name: str, flag: str) -> bool:
        return self._metadata.get(["scopes", name, flag]) is True


def _links(entity_type: EntityType, exposed: Iterable[str]) -> Iterator[str]:
    known = set(exposed)
    yield from (each.name for each in entity_type.links.values() if each.leads_to_many and each.entity in known)
