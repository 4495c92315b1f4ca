"""What the parameters of a field demand of its value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from core.orm.field_types import FIELD_TYPES, ID_LENGTH, Params, length_of

#: From a value that is not empty to what is wrong with it, or None.
Rule = Callable[[Any], str | None]


def rules_for(field_type: str, params: Params) -> tuple[Rule, ...]:
    """The rules of one field: maxLength, min, max, options."""
    rules: list[Rule] = []
    if field_type == "link":
        rules.append(_at_most_characters(ID_LENGTH))
    elif FIELD_TYPES[field_type].has_length or params.get("maxLength"):
        rules.append(_at_most_characters(length_of(params)))
    if field_type in ("int", "float"):
        if params.get("min") is not None:
            rules.append(_at_least(params["min"]))
        if params.get("max") is not None:
            rules.append(_at_most(params["max"]))
    if field_type == "enum" and params.get("options"):
        rules.append(_one_of(params["options"]))
    if field_type == "multiEnum" and params.get("options"):
        rules.append(_all_of(params["options"]))
    return tuple(rules)


def _at_most_characters(length: int) -> Rule:
    return lambda value: f"is longer than {length} characters" if len(value) > length else None


def _at_least(least: float) -> Rule:
    return lambda value: f"is less than {least}" if value < least else None


def _at_most(most: float) -> Rule:
    return lambda value: f"is more than {most}" if value > most else None


def _one_of(options: Collection[str]) -> Rule:
    known = frozenset(options)
    return lambda value: None if value in known else f"is none of {', '.join(options)}"


def _all_of(options: Collection[str]) -> Rule:
    known = frozenset(options)
    return lambda values: None if known.issuperset(values) else f"has other options than {', '.join(options)}"
