"""Condition groups, as `conditionalProperties` have them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.orm.conditional_properties import read_conditional_properties
from core.orm.conditions import read_condition
from core.orm.field_types import FIELD_TYPES

TYPES = {
    "name": FIELD_TYPES["varchar"],
    "size": FIELD_TYPES["int"],
    "price": FIELD_TYPES["float"],
    "isGood": FIELD_TYPES["bool"],
    "bornOn": FIELD_TYPES["date"],
    "seenAt": FIELD_TYPES["datetime"],
    "tags": FIELD_TYPES["multiEnum"],
    "payload": FIELD_TYPES["jsonObject"],
    "makerId": FIELD_TYPES["link"],
}


def condition(*items: Any) -> Any:
    faults: list[str] = []
    found = read_condition(list(items), TYPES, faults)
    assert faults == []
    return found


def holds(item: dict[str, Any], **values: Any) -> bool:
    return bool(condition(item).holds(values.get))


def faults_of(group: Any) -> list[str]:
    faults: list[str] = []
    assert read_condition(group, TYPES, faults) is None
    return faults


@pytest.mark.parametrize(
    ("kind", "attribute", "value", "yes", "no"),
    [
        ("equals", "name", "a", ["a"], ["b", None, "A"]),
        ("equals", "size", "5", [5], [6, None]),
        ("equals", "name", None, [None], ["a"]),
        ("notEquals", "name", "a", ["b", None], ["a"]),
        ("isEmpty", "name", None, [None, ""], ["a"]),
        ("isEmpty", "tags", None, [None, []], [["a"]]),
        ("isEmpty", "size", None, [None], [0]),
        ("isNotEmpty", "payload", None, [{"a": 1}], [None, {}]),
        ("isTrue", "isGood", None, [True], [False, None]),
        ("isFalse", "isGood", None, [False, None], [True]),
        ("contains", "name", "xe", ["axe"], ["saw", "", None]),
        ("has", "tags", "a", [["b", "a"]], [["b"], [], None]),
        ("contains", "payload", "a", [{"a": 1}], [{"b": 1}, None]),
        ("notContains", "name", "xe", ["saw", None], ["axe"]),
        ("hasNot", "tags", "a", [["b"], None], [["a"]]),
        ("in", "name", ["a", "b"], ["a", "b"], ["c", None]),
        ("in", "makerId", ["1", None], ["1", None], ["2"]),
        ("notIn", "size", [1, 2], [3, None], [1]),
        ("greaterThan", "size", 3, [4], [3, 2, None]),
        ("lessThan", "price", 1.5, [1.4], [1.5, None]),
        ("greaterThanOrEquals", "size", 3, [3, 4], [2, None]),
        ("lessThanOrEquals", "size", 3, [3, 2], [4, None]),
        ("lessThan", "bornOn", "2026-01-01", [clock.now().date().replace(year=2025, day=1)], [None]),
    ],
)
def test_each_condition(kind: str, attribute: str, value: Any, yes: list[Any], no: list[Any]) -> None:
    item = {"type": kind, "attribute": attribute, "value": value}

    assert [held for held in yes if not holds(item, **{attribute: held})] == []
    assert [held for held in no if holds(item, **{attribute: held})] == []


@pytest.mark.parametrize("attribute", ["bornOn", "seenAt"])
def test_times_are_compared_with_the_present(attribute: str) -> None:
    now, days = clock.now(), timedelta(days=3)
    moments = {"today": now, "inFuture": now + days, "inPast": now - days}

    for kind in moments:
        item = {"type": kind, "attribute": attribute}
        held = {name: each if attribute == "seenAt" else each.date() for name, each in moments.items()}
        # A moment of just now is past already.
        expected = {kind, *({"today"} if kind == "inPast" and attribute == "seenAt" else ())}
        assert {name for name, each in held.items() if holds(item, **{attribute: each})} == expected
        assert not holds(item, **{attribute: None})


def test_is_today_is_today() -> None:
    assert holds({"type": "isToday", "attribute": "bornOn"}, bornOn=clock.now().date())


def test_all_of_a_list_have_to_hold() -> None:
    group = condition({"type": "isTrue", "attribute": "isGood"}, {"type": "equals", "attribute": "name", "value": "a"})

    assert group.holds({"isGood": True, "name": "a"}.get)
    assert not group.holds({"isGood": True, "name": "b"}.get)
    assert group.attributes == {"isGood", "name"}


def test_an_empty_list_always_holds() -> None:
    assert condition().holds({}.get)


def test_equals_is_meant_where_no_type_stands() -> None:
    assert holds({"attribute": "name", "value": "a"}, name="a")


A = {"type": "isTrue", "attribute": "isGood"}
B = {"type": "equals", "attribute": "name", "value": "b"}


@given(st.booleans(), st.booleans())
def test_groups_are_those_of_logic(a: bool, b: bool) -> None:
    values = {"isGood": a, "name": "b" if b else None}

    assert holds({"type": "and", "value": [A, B]}, **values) == (a and b)
    assert holds({"type": "or", "value": [A, B]}, **values) == (a or b)
    assert holds({"type": "not", "value": [A, B]}, **values) == (not (a and b))
    assert holds({"type": "not", "value": A}, **values) == (not a)
    assert holds(
        {"type": "or", "value": [{"type": "and", "value": [A, B]}, {"type": "not", "value": A}]}, **values
    ) == ((a and b) or not a)


@pytest.mark.parametrize(
    ("group", "fault"),
    [
        (None, "None is no list of conditions."),
        ({"type": "isTrue"}, "{'type': 'isTrue'} is no list of conditions."),
        (["isTrue"], "'isTrue' is no condition such as"),
        ([{"type": "equal", "attribute": "name"}], "there is no condition 'equal'. Did you mean 'equals'?"),
        ([{"type": ["or"], "value": []}], "there is no condition ['or']."),
        ([{"type": "isTrue", "attribute": "isgood"}], "there is no attribute 'isgood'. Did you mean 'isGood'?"),
        ([{"type": "isTrue", "attribute": "maker"}], "there is no attribute 'maker'. Did you mean 'makerId'?"),
        ([{"type": "isTrue"}], "there is no attribute None."),
        ([{"type": "equals", "attribute": "size", "value": "a"}], "equals of size: 'a' is not a whole number."),
        ([{"type": "in", "attribute": "size", "value": 5}], "in of size: 5 is not a list."),
        ([{"type": "contains", "attribute": "size", "value": "5"}], "contains of size: it can contain nothing."),
        ([{"type": "contains", "attribute": "name", "value": 5}], "contains of name: 5 is not a text."),
        ([{"type": "lessThan", "attribute": "tags", "value": []}], "lessThan of tags: it is neither more nor less"),
        (
            [{"type": "lessThan", "attribute": "isGood", "value": True}],
            "lessThan of isGood: it is neither more nor less",
        ),
        ([{"type": "lessThan", "attribute": "size"}], "lessThan of size: it is compared with nothing."),
        ([{"type": "inPast", "attribute": "name"}], "inPast of name: it is neither a date nor a moment."),
        ([{"type": "or", "value": [{"type": "isTru", "attribute": "isGood"}]}], "there is no condition 'isTru'."),
    ],
)
def test_what_is_no_condition_is_told(group: Any, fault: str) -> None:
    assert [each[: len(fault)] for each in faults_of(group)] == [fault]


def test_all_that_is_wrong_is_told() -> None:
    assert len(faults_of([{"type": "x"}, {"type": "isTrue", "attribute": "y"}, 5])) == 3


def test_properties_are_read_by_name() -> None:
    faults: list[str] = []
    given = {"visible": {"conditionGroup": [A]}, "required": None, "readonly": {}, "protected": []}

    found = dict(read_conditional_properties(given, TYPES, faults))

    assert list(found) == ["visible"]
    assert faults == [
        "there is no property 'readonly'; there are visible, required, readOnly, protected.",
        "protected: None is no list of conditions.",
    ]
