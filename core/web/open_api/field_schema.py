"""The JSON Schema of an attribute, and whether what came in is of its type."""

from __future__ import annotations

from typing import Any

from core.exceptions import Problem, ValidationError
from core.orm.entity_type import Attribute, EntityType, short
from core.orm.field_types import FIELD_TYPES, GREATEST_INT, ID_LENGTH, length_of
from core.orm.rules import NUMBERS
from core.records.record_input import accepted

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_TYPES: dict[str, Schema] = {
    "bool": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -GREATEST_INT, "maximum": GREATEST_INT},
    "autoincrement": {"type": "integer"},
    "float": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "jsonObject": {"type": "object"},
    "jsonArray": {"type": "array", "items": {}},
    "array": _TEXTS,
    "multiEnum": _TEXTS,
    "link": {"type": "string", "maxLength": ID_LENGTH},
    "linkMultiple": _TEXTS,
    "notStorable": {},
}
_SIZES = {"string": "minLength", "array": "minItems", "object": "minProperties"}
#: By the type's name in JSON Schema what it is in Python, and in words.
_IN_PYTHON: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "a text"),
    "boolean": ((bool,), "true or false"),
    "integer": ((int, float), "a whole number"),
    "number": ((int, float), "a number"),
    "object": ((dict,), "an object"),
    "array": ((list,), "a list"),
}


def output_schema(attribute: Attribute) -> Schema:
    """What the attribute may be in what goes out."""
    return _schema(attribute) if attribute.is_required else _nullable(_schema(attribute))


def input_schema(attribute: Attribute) -> Schema:
    """What the attribute may be in what comes in."""
    schema = _schema(attribute)
    size = _SIZES.get(schema.get("type", ""))
    if not attribute.takes_empty and size is not None:
        schema[size] = 1
    return schema if attribute.is_required else _nullable(schema)


def judge_types(entity_type: EntityType, given: dict[str, Any]) -> None:
    """Raise ValidationError that names each value which is not of its attribute's JSON type, and each unknown name.

    Code may set the number 5 as the text "5"; a client that sends the one for the other is mistaken.
    """
    problems = []
    for name, value in accepted(entity_type, given).items():
        attribute = entity_type.attributes.get(name)
        if attribute is None:
            text = str(entity_type.unknown(name))
            problems.append(Problem(entity_type.name, "", name, value, "is no attribute", text))
        elif value is not None and (wanted := _wanted(attribute, value)) is not None:
            text = f"{entity_type.name}: {name} is {short(value)}; it is to be {wanted}."
            problems.append(Problem(entity_type.name, "", name, value, f"is not {wanted}", text))
    if problems:
        raise ValidationError.of(problems)


def _wanted(attribute: Attribute, value: Any) -> str | None:
    """What it is to be, where it is something else."""
    known = _IN_PYTHON.get(_TYPES.get(_kind(attribute), _TEXT).get("type", ""))
    if known is None:
        return None
    kinds, word = known
    is_right = isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)
    return None if is_right else word


def _schema(attribute: Attribute) -> Schema:
    kind, params = _kind(attribute), attribute.params
    schema = dict(_TYPES.get(kind, _TEXT))
    if kind in FIELD_TYPES and FIELD_TYPES[kind].has_length:
        schema["maxLength"] = length_of(params)
    elif schema.get("type") == "string" and isinstance(params.get("maxLength"), int):
        schema["maxLength"] = params["maxLength"]
    if kind in NUMBERS:
        for name, key in (("min", "minimum"), ("max", "maximum")):
            if isinstance(params.get(name), int | float):
                schema[key] = params[name]
    options = params.get("optionsIds") or params.get("options")
    if isinstance(options, list) and kind == "enum":
        schema = {"type": "string", "enum": list(options)}
    elif isinstance(options, list) and kind in ("multiEnum", "array"):
        schema = {"type": "array", "items": {"type": "string", "enum": list(options)}}
    return schema


def _kind(attribute: Attribute) -> str:
    return str(attribute.params.get("type", "varchar"))


def _nullable(schema: Schema) -> Schema:
    if "type" not in schema:
        return schema
    nullable = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable
