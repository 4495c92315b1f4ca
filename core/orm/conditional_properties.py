"""What `conditionalProperties` of a field say: when it is visible, required, readOnly or protected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.orm.conditions import Condition, read_condition
from core.orm.field_types import FieldType

PROPERTIES = ("visible", "required", "readOnly", "protected")


def no_conditions() -> dict[str, dict[str, Condition]]:
    """By property and attribute: nothing yet."""
    return {prop: {} for prop in PROPERTIES}


def read_conditional_properties(
    given: Any, types: Mapping[str, FieldType], faults: list[str]
) -> Iterator[tuple[str, Condition]]:
    """Property and condition; what cannot be had goes into `faults`. `types` are those of the entity's attributes."""
    if not isinstance(given, Mapping):
        faults.append(f"{given!r} is no object.")
        return
    for prop, params in given.items():
        if params is None:  # a later layer takes it away
            continue
        if prop not in PROPERTIES:
            faults.append(f"there is no property '{prop}'; there are {', '.join(PROPERTIES)}.")
            continue
        group = params.get("conditionGroup") if isinstance(params, Mapping) else None
        wrong: list[str] = []
        condition = read_condition(group, types, wrong)
        faults.extend(f"{prop}: {each}" for each in wrong)
        if condition is not None:
            yield prop, condition
