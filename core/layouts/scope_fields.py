"""The fields and links of a scope that a layout may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.metadata import Metadata

#: What every entity has beside the fields of its definition.
_ID = {"id": {"type": "varchar"}}


@dataclass(frozen=True)
class ScopeFields:
    """Fields by name with their parameters, links likewise, in the order in which they are defined."""

    kind: str
    fields: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, Mapping[str, Any]]


def read_scope_fields(metadata: Metadata, scope: str) -> ScopeFields | None:
    """What the metadata say; None for a scope that is no entity."""
    definition = metadata.get(["entityDefs", scope])
    if not isinstance(definition, Mapping):
        return None
    kind = str(_object(metadata.get(["scopes", scope])).get("type") or "Base")
    return ScopeFields(kind, {**_objects(definition.get("fields")), **_ID}, _objects(definition.get("links")))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> dict[str, Mapping[str, Any]]:
    """A null takes away what an earlier layer declared."""
    return {name: item for name, item in _object(value).items() if isinstance(item, Mapping)}
