"""What a field is for one entity: seen, required, writable; by its parameters, and by what its conditions say now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.orm.conditions import Get
from core.orm.entity import Entity


def is_visible(entity: Entity, attribute: str) -> bool:
    """Whether a user interface is to show it: unless `conditionalProperties.visible` says otherwise."""
    return _holds(entity, "visible", attribute) is not False


def is_required(entity: Entity, attribute: str) -> bool:
    """Whether a save refuses it without a value: `required`, or the condition of this name."""
    return _is(entity, "required", attribute)


def is_read_only(entity: Entity, attribute: str) -> bool:
    """Whether a user interface is to leave it alone: `readOnly`, `protected`, or a condition of these names."""
    return _is(entity, "readOnly", attribute) or is_protected(entity, attribute)


def is_protected(entity: Entity, attribute: str) -> bool:
    """Whether it cannot be written from outside, through the API either: `protected`, or the condition of this name.

    What a field of type `foreign` shows stands in another entity.
    """
    return attribute in entity._type.foreign_fields or _is(entity, "protected", attribute)


def values_of(entity: Entity, attributes: Iterable[str]) -> Get:
    """What reads these attributes; those that were not selected when the entity was read are read now, as stored.

    What bare SQL broke has no value.
    """
    columns, source = entity._type.columns, entity
    unread = {name for name in attributes if name in columns and not entity.has(name)}
    if unread and entity._stored is not None:
        source = entity._source.get_entity(entity.entity_type, entity.id) or entity

    def get(name: str) -> Any:
        return (source if name in unread else entity)._get_readable(name)

    return get


def _is(entity: Entity, prop: str, attribute: str) -> bool:
    known = entity._type.attributes.get(attribute)
    return (known is not None and bool(known.params.get(prop))) or _holds(entity, prop, attribute) is True


def _holds(entity: Entity, prop: str, attribute: str) -> bool | None:
    """What the condition of this name says; None where there is none."""
    if attribute not in entity._type.foreign_fields:
        entity._type.attribute(attribute)  # an unknown name is told
    condition = entity._type.conditional[prop].get(attribute)
    return None if condition is None else condition.holds(values_of(entity, condition.attributes))
