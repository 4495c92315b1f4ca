"""What in a job type's `payloadSchema` cannot be used, though the form of JSON Schemas allows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.set_aside import reason_of

if TYPE_CHECKING:
    from referencing import Resource
    from referencing.jsonschema import Schema, SchemaResource


def make_validator(schema: Any) -> Any:
    """What judges payloads by a schema without faults, whose references stay in itself: nothing is ever fetched."""
    from referencing import Registry  # heavy, as jsonschema: most job types have no schema

    return _dialect(schema)(schema, registry=Registry())


def faults_of(schema: Any) -> list[str]:
    """References that lead nowhere or in a circle, patterns that are none, a dialect that nobody knows.

    What breaks the form itself is left to who judges it by the schema of JSON Schemas.
    """
    if not _may_have_faults(schema):
        return []
    dialect = _dialect(schema)
    if dialect is None:
        return [f"$schema {schema['$schema']!r} is no dialect of JSON Schema that is known here"]
    if not dialect(dialect.META_SCHEMA).is_valid(schema):
        return []
    return list(dict.fromkeys(_faults(*_root_of(schema, dialect)))) or list(_failures(schema))


def _may_have_faults(schema: Any) -> bool:
    """Whether there is anything in it that could have one: most schemas need no jsonschema to be read."""
    text = json.dumps(schema)
    return '"$' in text or '"pattern' in text


def _dialect(schema: Any) -> Any:
    from jsonschema.validators import Draft202012Validator, validator_for

    named = schema.get("$schema") if isinstance(schema, dict) else None
    if named is None:
        return Draft202012Validator
    unknown: Any = None
    return validator_for(schema, default=unknown) if isinstance(named, str) else None


def _root_of(schema: Any, dialect: Any) -> tuple[SchemaResource, Any]:
    from jsonschema_specifications import REGISTRY
    from referencing.jsonschema import specification_with

    resource = specification_with(dialect.META_SCHEMA["$schema"]).create_resource(schema)
    return resource, REGISTRY.resolver_with_root(resource)


def _faults(resource: Resource[Schema], resolver: Any) -> Iterator[str]:
    contents = resource.contents
    if isinstance(contents, dict):
        for key in {"$ref", "$dynamicRef"} & contents.keys():
            if not _is_found(contents[key], resolver):
                yield f"the {key} {contents[key]!r} leads nowhere; it has to lead to a part of the same schema"
        for pattern in (contents.get("pattern"), *contents.get("patternProperties", ())):
            yield from _fault_of_pattern(pattern)
    for each in resource.subresources():
        yield from _faults(each, resolver.in_subresource(each))


def _is_found(reference: str, resolver: Any) -> bool:
    from referencing.exceptions import Unresolvable

    try:
        return isinstance(resolver.lookup(reference).contents, dict | bool)
    except (Unresolvable, ValueError):  # ValueError: no address, such as http://[
        return False


def _fault_of_pattern(pattern: str | None) -> Iterator[str]:
    try:
        re.compile(pattern or "")
    except (re.error, RecursionError, OverflowError) as error:
        yield f"the pattern {pattern!r} is no regular expression: {error}"


def _failures(schema: Any) -> Iterator[str]:
    """What shows when it is used, as in a part to which a $ref leads and that the form does not know."""
    try:
        make_validator(schema).is_valid({})
    except RecursionError:
        yield "a $ref leads back to itself"
    except Exception as error:  # noqa: BLE001 - jsonschema has no one error for it
        yield reason_of(error).splitlines()[0].rstrip(":")
