"""Orders, pages and aggregates come out as plain Python makes them, on every database."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.orm.where import read_where
from tests.conformance.plain_filter import Row, meets, value_of
from tests.conformance.test_where import LONG, SHORT, as_where, leaves
from tests.conformance.things import Things

FEW = settings(SHORT, max_examples=15)
SORTED_BY = [
    *("name", "note", "size", "weight", "isGood", "madeOn", "seenAt", "id", "number", "makerTown", "maker.boss.name"),
    *("LOWER:name", "YEAR:seenAt", "DATE:doneAt", "ABS:size", "LENGTH:makerTown"),
]
GROUPED_BY = [
    "isGood",
    "makerTown",
    "size",
    "name",
    "LOWER:name",
    "YEAR:seenAt",
    "DATE:seenAt",
    "madeOn",
    "WEEK:madeOn",
]
orders = st.lists(st.tuples(st.sampled_from(SORTED_BY), st.sampled_from(["ASC", "DESC"])), max_size=3)


def in_order(rows: Sequence[Row], order: Sequence[tuple[str, str]]) -> list[Row]:
    """Sorted by one key after the other, the id last; None comes before all values."""
    found = list(rows)
    for term, direction in reversed([*order, ("id", order[-1][1] if order else "ASC")]):
        found.sort(key=lambda row, term=term: nulls_first(value_of(row, term)), reverse=direction == "DESC")
    return found


def nulls_first(value: Any) -> tuple[bool, Any]:
    return value is not None, 0 if value is None else value


def numbers(entities: Any) -> list[int]:
    return [entity.get("number") for entity in entities]


def check_pages(things: Things, condition: Any, order: list[tuple[str, str]], size: int) -> None:
    rows = [row for row in things.rows if meets(row, condition) is True]
    wanted = [row["number"] for row in in_order(rows, order)]
    query = things.repository.where(as_where(condition)).order(order)
    pages, cursor = [], None
    while not pages or cursor is not None:
        page = query.page(size, after=cursor)
        cursor = page.next_cursor
        pages.append(numbers(page.entities))
        assert cursor is None or re.fullmatch(r"[\w-]+", cursor)

    assert [number for page in pages for number in page] == wanted
    assert all(len(page) == size for page in pages[:-1])
    assert len(pages) == max(1, math.ceil(len(wanted) / size))
    assert numbers(query.iterate(batch_size=size)) == wanted
    assert numbers(query.order("id", order[-1][1] if order else "ASC").limit(size).find()) == wanted[:size]


@FEW
@given(leaves(), orders, st.integers(1, 60))
def test_pages_follow_each_other(things: Things, condition: Any, order: Any, size: int) -> None:
    check_pages(things, condition, order, size)


@pytest.mark.proof
@settings(LONG, max_examples=1000)
@given(leaves(), orders, st.integers(1, 60))
def test_many_pages_follow_each_other(things: Things, condition: Any, order: Any, size: int) -> None:
    check_pages(things, condition, order, size)


def test_numbers_of_pages_of_one(things: Things) -> None:
    for order in ([("size", "ASC")], [("weight", "DESC"), ("name", "ASC")], [("makerTown", "DESC")]):
        check_pages(things, ("number", "<", 30), order, 1)


def test_pages_in_the_order_of_an_index_whose_first_column_has_one_value(things: Things) -> None:
    for condition in (("isGood", "=", True), ("isGood", "=", [True, False]), ("number", "<", 30)):
        for direction in ("ASC", "DESC"):
            check_pages(things, condition, [("other", direction)], 3)


@pytest.mark.parametrize(
    ("conditions", "is_indexed"),
    [
        ({"isGood": True}, True),
        ({"AND": [{"isGood": True}, {"number<": 30}]}, True),
        ({"isGood": [True, False]}, False),
        ({"isGood": None}, False),
        ({"OR": [{"isGood": True}, {"number": 30}]}, False),
        ({}, False),
    ],
)
def test_an_index_has_an_order_where_the_columns_before_have_one_value(
    things: Things, conditions: Any, is_indexed: bool
) -> None:
    terms = things.repository.terms

    fixed = read_where(terms, conditions).fixed_columns

    assert terms.is_indexed(terms.term("other"), fixed) is is_indexed
    assert terms.is_indexed(terms.term("size"), fixed)


def each_value(rows: Sequence[Row], term: str) -> list[Any]:
    return [value for row in rows if (value := value_of(row, term)) is not None]


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
}
VALUES = [
    *("COUNT:id", "COUNT:note", "COUNT:tags", "COUNT:isGood", "SUM:size", "SUM:weight", "SUM:LENGTH:name", "AVG:size"),
    *("AVG:weight", "AVG:YEAR:seenAt", "MIN:name", "MAX:name", "MIN:size", "MAX:weight", "MIN:madeOn", "MAX:seenAt"),
    *("MIN:DATE:seenAt", "MAX:LOWER:note", "MAX:makerTown", "SUM:ROUND:weight", "MAX:ABS:size", "MIN:id"),
]
values_asked = st.lists(st.sampled_from(VALUES), min_size=1, max_size=4, unique=True)
groups_asked = st.lists(st.sampled_from(GROUPED_BY), max_size=2, unique=True)


def check_aggregates(things: Things, condition: Any, values: list[str], groups: list[str]) -> None:
    rows = [row for row in things.rows if meets(row, condition) is True]
    by_group: dict[tuple[Any, ...], list[Row]] = {} if groups else {(): rows}
    for row in rows if groups else ():
        by_group.setdefault(tuple(value_of(row, group) for group in groups), []).append(row)

    found = things.repository.where(as_where(condition)).aggregate({each: each for each in values}, group_by=groups)

    assert len(found) == len(by_group)
    for result in found:
        members = by_group[tuple(result[group] for group in groups)]
        for each in values:
            function, _, term = each.partition(":")
            wanted = AGGREGATES[function](each_value(members, term))
            assert is_same(result[each], wanted), (result, each, wanted)


def is_same(value: Any, wanted: Any) -> bool:
    """Of one type, and equal; sums of floats are added up in any order."""
    if isinstance(wanted, float):
        return type(value) is float and math.isclose(value, wanted, rel_tol=1e-12, abs_tol=1e-9)
    return type(value) is type(wanted) and bool(value == wanted)


@FEW
@given(leaves(), values_asked, groups_asked)
def test_aggregates_of_groups(things: Things, condition: Any, values: list[str], groups: list[str]) -> None:
    check_aggregates(things, condition, values, groups)


@pytest.mark.proof
@settings(LONG, max_examples=1000)
@given(leaves(), values_asked, groups_asked)
def test_many_aggregates_of_groups(things: Things, condition: Any, values: list[str], groups: list[str]) -> None:
    check_aggregates(things, condition, values, groups)


def test_having_and_order_of_aggregates(things: Things) -> None:
    towns: dict[Any, int] = {}
    for row in things.rows:
        towns[value_of(row, "makerTown")] = towns.get(value_of(row, "makerTown"), 0) + 1
    wanted = sorted(
        ((count, town) for town, count in towns.items() if count > 5), key=lambda each: (-each[0], nulls_first(each[1]))
    )

    found = things.repository.aggregate(
        {"n": "COUNT:id"}, group_by="makerTown", having={"n>": 5, "MAX:number>=": 0}, order=[("n", "DESC"), "makerTown"]
    )

    assert [(each["n"], each["makerTown"]) for each in found] == wanted
    limited = things.repository.aggregate(
        {"n": "COUNT:id"}, group_by="makerTown", order=[("n", "DESC"), "makerTown"], limit=2
    )
    assert (
        limited
        == sorted(
            ({"n": n, "makerTown": t} for t, n in towns.items()),
            key=lambda each: (-each["n"], nulls_first(each["makerTown"])),
        )[:2]
    )
