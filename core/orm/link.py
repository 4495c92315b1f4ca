"""Links from one entity type to another, as `links` in entityDefs define them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.metadata.definitions import middle_links, relation_entity

BELONGS_TO = "belongsTo"
HAS_MANY = "hasMany"
KINDS = (BELONGS_TO, HAS_MANY)


@dataclass(frozen=True, slots=True)
class Middle:
    """The entity type between two others: the attributes of it that hold the id of this side and of the other one."""

    entity: str
    near: str
    far: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one other entity (belongsTo), kept in the attribute `<name>Id`, or to many (hasMany).

    The many are those whose link `foreign` leads back here, or, where there is a `middle`, those that it names.
    """

    name: str
    entity: str
    kind: str = BELONGS_TO
    foreign: str | None = None
    middle: Middle | None = None

    @property
    def leads_to_many(self) -> bool:
        """Whether there may be several entities at the other end."""
        return self.kind == HAS_MANY

    @property
    def attribute(self) -> str:
        """The attribute with the other's id; of a link to many the one with their ids."""
        return f"{self.name}Ids" if self.leads_to_many else f"{self.name}Id"


def read_link(entity: str, name: str, params: Any) -> Link:
    """The link that a definition means; raises ValueError with what is wrong with it."""
    if not isinstance(params, Mapping):
        raise ValueError(f'is {params!r}; it has to be an object such as {{"type": "belongsTo", "entity": "User"}}.')
    kind, other = params.get("type", BELONGS_TO), params.get("entity")
    if kind not in KINDS:
        raise ValueError(f"has the unknown type {kind!r}; there are {' and '.join(KINDS)}.")
    if not isinstance(other, str) or not other:
        raise ValueError('names no entity ("entity": ...).')
    foreign = params.get("foreign")
    foreign = foreign if isinstance(foreign, str) and foreign else None
    if kind == BELONGS_TO:
        return Link(name, other, kind, foreign)
    middle = _middle(entity, name, params)
    if foreign is None and middle is None:
        raise ValueError('needs "foreign", the link that leads back from the other entity, or "relationName".')
    return Link(name, other, kind, foreign, middle)


def _middle(entity: str, name: str, params: Mapping[str, Any]) -> Middle | None:
    relation_name = params.get("relationName")
    if not isinstance(relation_name, str) or not relation_name:
        return None
    near, far = middle_links(entity, name, params)
    return Middle(relation_entity(relation_name), f"{near}Id", f"{far}Id")
