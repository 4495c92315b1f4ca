"""What of the input of a record service is to be set in the entity, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.exceptions import BadRequest, Conflict, Forbidden
from core.orm import Entity
from core.orm.entity import describe_problem
from core.orm.entity_type import EntityType
from core.orm.field_state import is_protected
from core.sentence import Sentence

Values = dict[str, Any]

#: AtroCore's key for what the client has read, by attribute: where something else stands there now, it is a conflict.
PREVIOUS = "_prev"

#: Written by the system alone: what a client sends back with a record that it has read is left out.
OF_THE_SYSTEM = {"id", "deleted", "createdAt", "createdById", "modifiedAt", "modifiedById", PREVIOUS}


def accepted(entity_type: EntityType, given: Any) -> Values:
    """The input without what the system writes itself, and without what is only shown with a record (`ownerName`)."""
    if not isinstance(given, Mapping):
        raise BadRequest(f"{entity_type.name}: the attributes are to be an object, not {given!r}.")
    left_out = OF_THE_SYSTEM | _shown(entity_type)
    return {name: value for name, value in given.items() if name not in left_out}


def fill_in(entity: Entity, entity_type: EntityType, given: Any) -> None:
    """Set what is accepted of the input.

    Raises BadRequest that names all that is unknown or of a wrong type, and Forbidden that names the protected
    attributes which would change.
    """
    values = accepted(entity_type, given)
    protected = {
        name: entity.get(name) for name in values if name in entity_type.attributes and is_protected(entity, name)
    }
    entity.set(values)
    changed = [name for name, before in protected.items() if entity.get(name) != before]
    if changed:
        raise Forbidden(f"{entity_type.name}: {', '.join(changed)} cannot be changed through the API: protected.")


def check_previous(entity: Entity, entity_type: EntityType, given: Any) -> bool:
    """Raise Conflict where a stored value is not the one that `_prev` says; answers whether there is a `_prev`."""
    previous = given.get(PREVIOUS) if isinstance(given, Mapping) else None
    if previous is None:
        return False
    if not isinstance(previous, Mapping):
        raise BadRequest(f"{entity_type.name}: {PREVIOUS} is to be an object of values by attribute, not {previous!r}.")
    shown = _shown(entity_type)
    changed = [
        name for name, value in previous.items() if name not in shown and not _stands(entity, entity_type, name, value)
    ]
    if changed:
        told = Sentence(
            "{entity} '{id}': {names} was changed by somebody else in the meantime. "
            "Read the record again, and repeat the change.",
            entity=entity_type.name,
            id=entity.id,
            names=", ".join(changed),
        )
        raise Conflict(told)
    return True


def has_changes(entity: Entity, entity_type: EntityType) -> bool:
    """Whether a save would write anything."""
    return any(entity.has(name) and entity.is_attribute_changed(name) for name in entity_type.attributes)


def _shown(entity_type: EntityType) -> set[str]:
    """What of linked records goes out with a record, and may come back with it: their names, and foreign fields."""
    names = {f"{each.name}{'Names' if each.leads_to_many else 'Name'}" for each in entity_type.links.values()}
    return (names | entity_type.foreign_fields.keys()) - entity_type.attributes.keys()


def _stands(entity: Entity, entity_type: EntityType, name: str, value: Any) -> bool:
    attribute = entity_type.attribute(name)
    try:
        expected = None if value is None else attribute.type.normalise(value)
    except ValueError as error:
        raise BadRequest(describe_problem(entity, f"{PREVIOUS}.{name}", value, str(error))) from error
    held = entity.get(name)
    if name in entity_type.links_by_ids:
        return set(held or ()) == set(expected or ())
    return bool(held == expected)
