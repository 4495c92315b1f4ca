"""From entities to rows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.orm.entity import Entity, Row, describe_problem


def whole_row(entity: Entity, problems: list[str]) -> dict[str, Any]:
    """The row of a new entity (column -> value); `problems` gets what JSON cannot say."""
    return {**entity._type.default_row, **_touched(entity, problems)}


def changed_row(entity: Entity, problems: list[str]) -> dict[str, Any]:
    """What of a stored entity is to be written (column -> value); `problems` gets what JSON cannot say."""
    stored = entity._stored or {}
    touched = _touched(entity, problems)
    return {column: value for column, value in touched.items() if column not in stored or stored[column] != value}


def _touched(entity: Entity, problems: list[str]) -> dict[str, Any]:
    columns, conversions = entity._type.columns, entity._type.conversions
    row: dict[str, Any] = {}
    for name, value in entity._values.items():
        column = columns.get(name)
        if column is not None:
            convert = conversions.get(name)
            row[column] = value if convert is None or value is None else _convert(entity, name, convert, problems)
    return row


def judge(entity: Entity, row: Row, problems: list[str]) -> None:
    """Add to `problems` where the values of the columns in `row`, or of attributes without one, break a rule."""
    values = entity._values
    for name, column, default, is_required, rules in entity._type.judged:
        if column is not None and column not in row:
            continue
        value = values.get(name, default)
        if value is None or (not value and isinstance(value, str | list | dict)):
            if is_required:
                problems.append(describe_problem(entity, name, value, "is required"))
            continue
        for rule in rules:
            wrong = rule(value)
            if wrong is not None:
                problems.append(describe_problem(entity, name, value, wrong))


def _convert(entity: Entity, name: str, convert: Callable[[Any], Any], problems: list[str]) -> Any:
    value = entity._values[name]
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        problems.append(describe_problem(entity, name, value, f"cannot be stored: {error}"))
        return None
