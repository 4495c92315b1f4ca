"""From entities to rows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from core.exceptions import Problem
from core.orm.conditions import is_empty
from core.orm.entity import Entity, Row, problem_of
from core.orm.field_state import values_of
from core.sentence import Sentence


def whole_row(entity: Entity, problems: list[Problem]) -> dict[str, Any]:
    """The row of a new entity (column -> value); `problems` gets what JSON cannot say."""
    return {**entity._type.default_row, **_touched(entity, problems)}


def changed_row(entity: Entity, problems: list[Problem]) -> dict[str, Any]:
    """What of a stored entity is to be written (column -> value); `problems` gets what JSON cannot say."""
    stored = entity._stored or {}
    touched = _touched(entity, problems)
    return {column: value for column, value in touched.items() if column not in stored or stored[column] != value}


def judge(entity: Entity, row: Row, problems: list[Problem]) -> None:
    """Add to `problems` where the values of the columns in `row`, or of attributes without one, break a rule."""
    kind, is_new = entity._type, entity._stored is None
    judged = kind.judged
    found: list[tuple[str, Any, str]] = []
    for name, value in entity._values.items():
        attribute = judged.get(name)
        if attribute is not None and (is_new or attribute.column is None or attribute.column in row):
            for wrong in attribute.faults(value):
                found.append((name, value, wrong))
    if is_new and kind.broken_by_default:
        absent = [judged[name] for name in kind.broken_by_default if name not in entity._values]
        found += [(each.name, each.default, wrong) for each in absent for wrong in each.faults(each.default)]
    if found:  # told afterwards, as that may ask for further values
        order = [*judged]
        problems += [problem_of(entity, *each) for each in sorted(found, key=lambda each: order.index(each[0]))]
    if entity._type.required_if:
        _judge_conditions(entity, row, problems)


def _judge_conditions(entity: Entity, row: Row, problems: list[Problem]) -> None:
    for name, condition in entity._type.required_if.items():
        watched = {name, *condition.attributes}
        if not _is_touched(entity, row, watched):
            continue
        get = values_of(entity, watched)
        if is_empty(get(name)) and condition.holds(get):
            problems.append(problem_of(entity, name, get(name), Sentence("is required here")))


def _is_touched(entity: Entity, row: Row, names: Collection[str]) -> bool:
    columns = entity._type.columns
    return entity._stored is None or any(columns[n] in row if n in columns else n in entity._values for n in names)


def _touched(entity: Entity, problems: list[Problem]) -> dict[str, Any]:
    columns, conversions = entity._type.columns, entity._type.conversions
    row: dict[str, Any] = {}
    for name, value in entity._values.items():
        column = columns.get(name)
        if column is not None:
            convert = conversions.get(name)
            row[column] = value if convert is None or value is None else _convert(entity, name, convert, problems)
    return row


def _convert(entity: Entity, name: str, convert: Callable[[Any], Any], problems: list[Problem]) -> Any:
    value = entity._values[name]
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        problems.append(problem_of(entity, name, value, Sentence("cannot be stored: {error}", error=error)))
        return None
