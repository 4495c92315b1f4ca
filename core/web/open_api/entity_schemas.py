"""The schemas of records, read from the metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.job_queue.states import AWAITING, PENDING
from core.orm.entity_type import Attribute, EntityType
from core.records.record_input import OF_THE_SYSTEM, PREVIOUS
from core.web.entities import Exposed
from core.web.open_api.field_schema import Schema, input_schema, output_schema

#: What a job has although nobody says it.
_FILLED_IN_JOBS = ("name", "executeTime")
_MAY_CHANGE_WHEN_RUN_AGAIN = ("name", "payload", "priority", "executeTime")


def entity_schemas(entities: Iterable[Exposed], job_types: Iterable[str]) -> dict[str, Schema]:
    """By name: of each entity what goes out, a page of it, and what creates and changes a record."""
    schemas: dict[str, Schema] = {}
    for each in entities:
        schemas[each.name] = _output(each.type)
        schemas[f"{each.name}List"] = page_of(each.name)
        if not each.is_read_only:
            schemas[f"{each.name}Create"] = _create(each.type)
            schemas[f"{each.name}Update"] = _update(each.type)
    if "JobCreate" in schemas:
        _complete_jobs(schemas, list(job_types))
    return schemas


def page_of(name: str) -> Schema:
    """A page of records, or their number alone."""
    return {
        "type": "object",
        "properties": {
            "list": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next": {"type": "string", "description": "The `after` of the next page; not there on the last one."},
            "total": {"type": "integer", "description": "Where it is asked for, or costs nothing."},
        },
        "additionalProperties": False,
    }


def _output(entity_type: EntityType) -> Schema:
    properties = {"id": {"type": "string"}, **_of(entity_type.attributes, output_schema)}
    properties["id"] = {"type": "string"}
    for link in entity_type.links.values():
        if not link.leads_to_many:
            properties.setdefault(f"{link.name}Name", {"type": ["string", "null"]})
    return {
        "type": "object",
        "properties": properties,
        "required": ["id"],
        "additionalProperties": True,  # what services and listeners of modules show beside them
    }


def _create(entity_type: EntityType) -> Schema:
    writable = _writable(entity_type)
    required = [name for name, each in writable.items() if each.is_required and each.default is None]
    schema = {"type": "object", "properties": _of(writable, input_schema), "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _update(entity_type: EntityType) -> Schema:
    previous = {"type": "object", "description": "What the client has read: 409 where something else stands there now."}
    properties = {**_of(_writable(entity_type), input_schema), PREVIOUS: previous}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _writable(entity_type: EntityType) -> Mapping[str, Attribute]:
    return {
        name: each
        for name, each in entity_type.attributes.items()
        if name not in OF_THE_SYSTEM and not each.params.get("protected") and each.params.get("type") != "autoincrement"
    }


def _of(attributes: Mapping[str, Attribute], schema: Any) -> dict[str, Schema]:
    return {name: schema(each) for name, each in attributes.items()}


def _complete_jobs(schemas: dict[str, Schema], job_types: list[str]) -> None:
    create = schemas["JobCreate"]
    for name in _FILLED_IN_JOBS:
        given = create["properties"][name]
        create["properties"][name] = {**given, "type": [given["type"], "null"]}
    create["properties"]["type"] = {"type": "string", "enum": job_types}
    create["properties"]["status"] = {"type": "string", "enum": [PENDING, AWAITING]}
    create["required"] = ["type"]
    schemas["JobRunAgain"] = {
        "type": "object",
        "properties": {name: create["properties"][name] for name in _MAY_CHANGE_WHEN_RUN_AGAIN},
        "additionalProperties": False,
    }
