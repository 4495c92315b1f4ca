"""Documents judged by the JSON Schemas in `schemas/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.exceptions import did_you_mean
from core.metadata.merge import APPEND

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

SCHEMAS = Path(__file__).parent / "schemas"
_SHOWN_CHARACTERS = 60


def judge(document: Any, schema_name: str, file: Path | str | None = None, at: Sequence[str] = ()) -> list[str]:
    """What is wrong with a document by `schemas/<schema_name>.json`; nothing wrong is an empty list.

    Each line names the file, the path in it (`at` is where the document begins) and the reason. Nulls and `__APPEND__`
    are the merge's own, and are not judged.
    """
    errors = sorted(_validator(schema_name).iter_errors(_as_meant(document)), key=lambda error: error.json_path)
    lines = [
        ": ".join(filter(None, [str(file or ""), ".".join(map(str, [*at, *path])), reason]))
        for error in errors
        for path, reason in _reasons(error)
    ]
    return list(dict.fromkeys(lines))  # what several parts of a schema refuse is one fault


@cache
def _validator(schema_name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # takes 150 ms to load; metadata out of the cache need it not
    from jsonschema.validators import extend

    judging = extend(Draft202012Validator, {"misspelt": _misspelt})  # type: ignore[no-untyped-call] # it has no types
    validator: Draft202012Validator = judging(json.loads((SCHEMAS / f"{schema_name}.json").read_text("utf-8")))
    return validator


def _misspelt(_: Any, nearness: float, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """A keyword of our own, for objects with free keys: one that is nearly, but not quite, a known one is a fault."""
    from jsonschema import ValidationError  # it is loaded by now

    known = schema["properties"]
    for key in instance if isinstance(instance, dict) else ():
        hint = "" if key in known else did_you_mean(key, known, nearness)
        if hint:
            yield ValidationError(_unknown_key(key, hint))


def _as_meant(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_meant(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_as_meant(item) for item in value if item != APPEND]
    return value


def _reasons(error: ValidationError) -> Iterator[tuple[list[Any], str]]:
    """A schema's `description` says what a value has to be: "a number of seconds"."""
    path = list(error.absolute_path)
    schema: Any = error.schema
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        instance: Any = error.instance
        for key in instance:
            if key not in known:
                yield path, _unknown_key(key, did_you_mean(key, known))
    elif error.validator == "misspelt":
        yield path, error.message
    elif description := schema.get("description"):
        hint = did_you_mean(str(error.instance), map(str, schema.get("enum", ())))
        yield path, f"{_shown(error.instance)} is not {description}{f'.{hint}' if hint else ''}"
    else:
        yield path, error.message


def _unknown_key(key: str, hint: str) -> str:
    return f"unknown key '{key}'.{hint}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
