"""Condition groups, as `conditionalProperties` in entityDefs have them: questions about the values of one entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import ge, gt, le, lt
from typing import Any

from core import clock
from core.exceptions import did_you_mean
from core.orm.field_types import FieldType

#: From the name of an attribute to its value.
Get = Callable[[str], Any]
Test = Callable[[Get], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about an entity; `attributes` are those whose values decide."""

    attributes: frozenset[str]
    holds: Test


def read_condition(group: Any, types: Mapping[str, FieldType], faults: list[str]) -> Condition | None:
    """The condition that a list of `{"type": ..., "attribute": ..., "value": ...}` means; all of them have to hold.

    `types` are those of the attributes there are. What is wrong goes into `faults`, and then there is no condition.
    """
    reading = _Reading(types)
    test = reading.read_all(group)
    faults.extend(reading.faults)
    return None if reading.faults else Condition(frozenset(reading.attributes), test)


def is_empty(value: Any) -> bool:
    """Whether there is no value: None, an empty text, list or object; 0 and False are values."""
    return value is None or (not value and isinstance(value, str | list | dict))


class _Reading:
    def __init__(self, types: Mapping[str, FieldType]) -> None:
        self._types = types
        self.attributes: set[str] = set()
        self.faults: list[str] = []

    def read_all(self, group: Any) -> Test:
        """All conditions of a list hold; an empty one always does."""
        tests = list(self._each(group))
        return lambda get: all(test(get) for test in tests)

    def _read_any(self, group: Any) -> Test:
        tests = list(self._each(group))
        return lambda get: any(test(get) for test in tests)

    def _read_none(self, group: Any) -> Test:
        test = self.read_all([group] if isinstance(group, Mapping) else group)
        return lambda get: not test(get)

    def _each(self, group: Any) -> Iterator[Test]:
        if not isinstance(group, list):
            self.faults.append(f"{group!r} is no list of conditions.")
            return
        for item in group:
            test = self._read(item)
            if test is not None:
                yield test

    def _read(self, item: Any) -> Test | None:
        """The test that an item means; None, and a line in `faults`, where it means none."""
        if not isinstance(item, Mapping):
            self.faults.append(f'{item!r} is no condition such as {{"type": "isTrue", "attribute": "isActive"}}.')
            return None
        kind, value = item.get("type", "equals"), item.get("value")
        groups = {"and": self.read_all, "or": self._read_any, "not": self._read_none}
        if isinstance(kind, str) and kind in groups:
            return groups[kind](value)
        if not isinstance(kind, str) or kind not in _TESTS:
            self.faults.append(f"there is no condition {kind!r}.{did_you_mean(str(kind), CONDITIONS)}")
            return None
        name = item.get("attribute")
        if not isinstance(name, str) or name not in self._types:
            self.faults.append(f"there is no attribute {name!r}.{did_you_mean(str(name), self._types)}")
            return None
        try:
            test = _TESTS[kind](self._types[name], value)
        except ValueError as error:
            self.faults.append(f"{kind} of {name}: {error}.")
            return None
        self.attributes.add(name)
        return lambda get: test(get(name))


#: From the type of an attribute and the value that a condition names to the test of the attribute's value.
_Make = Callable[[FieldType, Any], Callable[[Any], bool]]


def _plain(test: Callable[[Any], bool]) -> _Make:
    return lambda _type, _value: test


def _negated(make: _Make) -> _Make:
    def negated(field_type: FieldType, value: Any) -> Callable[[Any], bool]:
        test = make(field_type, value)
        return lambda held: not test(held)

    return negated


def _equals(field_type: FieldType, value: Any) -> Callable[[Any], bool]:
    wanted = _normal(field_type, value)
    return lambda held: bool(held == wanted)


def _one_of(field_type: FieldType, value: Any) -> Callable[[Any], bool]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    wanted = [_normal(field_type, each) for each in value]
    return lambda held: held in wanted


def _contains(field_type: FieldType, value: Any) -> Callable[[Any], bool]:
    """A text has it as a part, a list as a member, an object as a key."""
    if field_type.kinds[0] not in (str, list, object):
        raise ValueError("it can contain nothing")
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return lambda held: isinstance(held, str | list | dict) and value in held


def _ordered(compare: Callable[[Any, Any], bool]) -> _Make:
    def make(field_type: FieldType, value: Any) -> Callable[[Any], bool]:
        if field_type.is_mutable or field_type.kinds[0] is bool:
            raise ValueError("it is neither more nor less than another")
        wanted = _normal(field_type, value)
        if wanted is None:
            raise ValueError("it is compared with nothing")
        return lambda held: held is not None and compare(held, wanted)

    return make


def _in_time(compare: Callable[[Any, Any], bool]) -> _Make:
    """Days are compared with today (in UTC), moments with now."""

    def make(field_type: FieldType, _value: Any) -> Callable[[Any], bool]:
        _demand_moment(field_type)

        def test(held: Any) -> bool:
            if not isinstance(held, date):
                return False
            now = clock.now()
            return compare(held, now if isinstance(held, datetime) else now.date())

        return test

    return make


def _is_today(field_type: FieldType, _value: Any) -> Callable[[Any], bool]:
    _demand_moment(field_type)

    def test(held: Any) -> bool:
        day = held.astimezone(UTC).date() if isinstance(held, datetime) else held
        return bool(day == clock.now().date())

    return test


def _demand_moment(field_type: FieldType) -> None:
    if field_type.kinds[0] not in (date, datetime):
        raise ValueError("it is neither a date nor a moment")


def _normal(field_type: FieldType, value: Any) -> Any:
    try:
        return None if value is None else field_type.normalise(value)
    except ValueError as error:
        raise ValueError(f"{value!r} {error}") from error


#: The tests of one attribute, by the name of the condition.
_TESTS: dict[str, _Make] = {
    "equals": _equals,
    "notEquals": _negated(_equals),
    "isEmpty": _plain(is_empty),
    "isNotEmpty": _negated(_plain(is_empty)),
    "isTrue": _plain(bool),
    "isFalse": _negated(_plain(bool)),
    "contains": _contains,
    "has": _contains,
    "notContains": _negated(_contains),
    "hasNot": _negated(_contains),
    "in": _one_of,
    "notIn": _negated(_one_of),
    "greaterThan": _ordered(gt),
    "lessThan": _ordered(lt),
    "greaterThanOrEquals": _ordered(ge),
    "lessThanOrEquals": _ordered(le),
    "today": _is_today,
    "isToday": _is_today,
    "inFuture": _in_time(gt),
    "inPast": _in_time(lt),
}

#: The types of condition.
CONDITIONS = ("and", "or", "not", *_TESTS)
