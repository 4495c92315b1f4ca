"""Things with a field of each kind, and storing them."""

from __future__ import annotations

from typing import Any

FIELDS = {
    "name": {"type": "varchar", "required": True, "maxLength": 10},
    "code": {"type": "varchar", "unique": True},
    "size": {"type": "int", "min": 1, "max": 5},
    "weight": {"type": "float", "default": 1.5},
    "isGood": {"type": "bool"},
    "bornOn": {"type": "date"},
    "seenAt": {"type": "datetime"},
    "kind": {"type": "enum", "options": ["", "a", "b"]},
    "tags": {"type": "multiEnum", "options": ["x", "y"]},
    "payload": {"type": "jsonObject"},
    "list": {"type": "jsonArray"},
    "note": {"type": "notStorable"},
    "createdBy": {"type": "link"},
    "modifiedBy": {"type": "link"},
}
USER = {"type": "belongsTo", "entity": "User"}


def define_things(data: Any) -> Any:
    """The entity Thing, which may be owned."""
    data.define("Thing", FIELDS, {"hasOwner": True}, links={"createdBy": USER, "modifiedBy": USER})
    return data


def new(data: Any, **values: Any) -> Any:
    thing = data.entities.get_entity("Thing")
    thing.set({"name": "Axe", **values})
    return thing


def saved(data: Any, **values: Any) -> Any:
    thing = new(data, **values)
    data.entities.save_entity(thing)
    return thing


def read(data: Any, thing: Any) -> Any:
    return data.entities.get_entity("Thing", thing.id)
