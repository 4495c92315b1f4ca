"""From entities to rows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.orm.entity import Entity, Row, describe_problem


def whole_row(entity: Entity, problems: list[str]) -> dict[str, Any]:
    """The row of a new entity, which gets its defaults (column -> value); `problems` gets what JSON cannot say."""
    entity_type = entity._type
    values = entity._values = entity_type.with_defaults(entity._values)
    row = dict(zip(entity_type.columns.values(), entity_type.pick(values), strict=True))
    for column, name, convert in entity_type.conversions:
        if row[column] is not None:
            row[column] = _convert(entity, name, convert, problems)
    return row


def changed_row(entity: Entity, problems: list[str]) -> dict[str, Any]:
    """What of a stored entity is to be written (column -> value); `problems` gets what JSON cannot say."""
    stored = entity._stored or {}
    attributes = entity._type.attributes
    row: dict[str, Any] = {}
    for name, value in entity._values.items():
        attribute = attributes[name]
        if attribute.column is None:
            continue
        convert = attribute.type.to_column
        held = value if value is None or convert is None else _convert(entity, name, convert, problems)
        if attribute.column not in stored or stored[attribute.column] != held:
            row[attribute.column] = held
    return row


def judge(entity: Entity, row: Row, problems: list[str]) -> None:
    """Add to `problems` where the values of the columns in `row`, or of attributes without one, break a rule."""
    values = entity._values
    for name, column, is_required, rules in entity._type.judged:
        if column is not None and column not in row:
            continue
        value = values.get(name)
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
