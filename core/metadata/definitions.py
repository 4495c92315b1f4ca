"""What each definition of an entity has without saying so: system fields, a hierarchy's tree, relations' tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Definition = dict[str, Any]

HIERARCHY = "Hierarchy"
RELATION = "Relation"
REFERENCE_DATA = "ReferenceData"

_MOMENT = {"type": "datetime", "readOnly": True}
_USER = {"type": "link", "readOnly": True}
_TO_USER = {"type": "belongsTo", "entity": "User"}
_LINK = {"type": "link"}

#: Field, link (or None) by the flag of the scope that brings them; None is every entity's.
_SYSTEM_FIELDS: tuple[tuple[str | None, str, Definition, Definition | None], ...] = (
    ("hasOwner", "ownerUser", _LINK, _TO_USER),
    ("hasAssignedUser", "assignedUser", _LINK, _TO_USER),
    ("hasActive", "isActive", {"type": "bool", "default": False}, None),
    ("hasArchive", "isArchived", {"type": "bool", "default": False}, None),
    (None, "createdAt", _MOMENT, None),
    (None, "modifiedAt", _MOMENT, None),
    (None, "createdBy", _USER, _TO_USER),
    (None, "modifiedBy", _USER, _TO_USER),
)


def complete(data: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata with all that entities have by convention (AtroCore 9); what is declared, also as null, stays.

    A link with `relationName` brings the entity of its middle table: named as the relation, of type Relation, with a
    link to either side. To complete twice changes nothing.
    """
    scopes, entity_defs = _objects(data, "scopes"), _objects(data, "entityDefs")
    entities = [name for name, scope in scopes.items() if isinstance(scope, dict) and scope.get("entity")]
    if not entities:
        return dict(data)
    definitions = {name: _copied(entity_defs.get(name)) for name in entities}
    for name in entities:
        if scopes[name].get("type") == HIERARCHY:
            _add_tree(name, definitions[name])
    for name in entities:
        for link, params in list(definitions[name]["links"].items()):
            if isinstance(params, dict) and isinstance(params.get("relationName"), str):
                _add_relation(name, link, params, scopes, definitions, entity_defs)
    for name, definition in definitions.items():
        _add_system_fields(definition, scopes[name])
    return {**data, "scopes": scopes, "entityDefs": {**entity_defs, **definitions}}


def relation_entity(relation_name: str) -> str:
    """The entity of a relation's middle table: `ProductCategory` for `productCategory`."""
    return relation_name[:1].upper() + relation_name[1:]


def middle_links(entity: str, link: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """The middle entity's links to this side and to the other one.

    `midKeys` may name them (`["productId", "categoryId"]`); else they are called as the entities are. Where both sides
    are of one entity, a tree has `entity` and `parent`; other pairs of links `left` and `right`, in order of name.
    """
    keys = params.get("midKeys")
    if isinstance(keys, list) and len(keys) == 2 and all(isinstance(key, str) for key in keys):
        return keys[0].removesuffix("Id"), keys[1].removesuffix("Id")
    other = str(params.get("entity"))
    if other != entity:
        return _lower_first(entity), _lower_first(other)
    if params.get("relationName") == f"{entity}{HIERARCHY}" and link in ("parents", "children"):
        return ("entity", "parent") if link == "parents" else ("parent", "entity")
    foreign = params.get("foreign")
    return ("right", "left") if isinstance(foreign, str) and foreign < link else ("left", "right")


def _add_tree(entity: str, definition: Definition) -> None:
    for field, foreign in (("parents", "children"), ("children", "parents")):
        definition["fields"].setdefault(field, {"type": "linkMultiple"})
        link = {"type": "hasMany", "entity": entity, "foreign": foreign, "relationName": f"{entity}{HIERARCHY}"}
        definition["links"].setdefault(field, link)


def _add_relation(
    entity: str,
    link: str,
    params: Mapping[str, Any],
    scopes: Definition,
    definitions: dict[str, Definition],
    entity_defs: Mapping[str, Any],
) -> None:
    name = relation_entity(params["relationName"])
    scope = scopes.get(name)
    scopes[name] = {"entity": True, "type": RELATION, **(scope if isinstance(scope, dict) else {})}
    middle = definitions.setdefault(name, _copied(entity_defs.get(name)))
    near, far = middle_links(entity, link, params)
    for side, other in ((near, entity), (far, str(params.get("entity")))):
        middle["fields"].setdefault(side, {"type": "link", "required": True})
        middle["links"].setdefault(side, {"type": "belongsTo", "entity": other})
    if params["relationName"] == f"{entity}{HIERARCHY}":
        middle["fields"].setdefault("hierarchySortOrder", {"type": "int"})
    first, second = sorted((near, far))
    middle["uniqueIndexes"].setdefault("relation", {"columns": [f"{first}Id", f"{second}Id", "deleted"]})
    # Going from the other side needs an index of its own.
    middle["indexes"].setdefault("relationBack", {"columns": [f"{second}Id", f"{first}Id"]})


def _add_system_fields(definition: Definition, scope: Mapping[str, Any]) -> None:
    for flag, field, params, link in _SYSTEM_FIELDS:
        if flag is not None and not scope.get(flag):
            continue
        definition["fields"].setdefault(field, dict(params))
        if link is not None and definition["fields"][field] is not None:
            definition["links"].setdefault(field, dict(link))


def _copied(definition: Any) -> Definition:
    """A definition of its own, whose sections are there and can be added to."""
    sections = ("fields", "links", "indexes", "uniqueIndexes")
    given = dict(definition) if isinstance(definition, dict) else {}
    return {**given, **{name: dict(found) if isinstance(found := given.get(name), dict) else {} for name in sections}}


def _objects(data: Mapping[str, Any], section: str) -> Definition:
    found = data.get(section)
    return dict(found) if isinstance(found, dict) else {}


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
