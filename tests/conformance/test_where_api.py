"""Each type of condition that clients send finds what a plain filter finds, on every database and in every zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.orm.api_where import api_where
from tests.conformance.plain_filter import Row, Truth, compared, every, negated, small, some
from tests.conformance.test_where import LONG, SHORT, dates, floats, ints, moments, patterns, texts
from tests.conformance.things import DATES, MOMENTS, WORDS, Things

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"])
#: Moments at which somebody asks: near those of the rows.
NOWS = st.tuples(
    st.sampled_from([moment for moment in MOMENTS if 1900 < moment.year < 2100]),
    st.sampled_from([0, 1, -1, 86_400, -86_400, 40 * 86_400, 3600]),
).map(lambda each: each[0] + timedelta(seconds=each[1]))
DAYS = st.sampled_from([0, 1, 2, 7, 30, 365, 5000])
DAY = st.sampled_from([day for day in DATES if 1900 < day.year < 2100]) | st.sampled_from(
    [date(2026, 11, 23), date(2011, 12, 30), date(2018, 11, 4), date(2026, 3, 29)]
)


FEW = settings(SHORT, max_examples=10)
MANY = settings(LONG, max_examples=400)


class Asked:
    """A condition with who asks: where, and when."""

    def __init__(self, value: Any, zone: str, now: datetime) -> None:
        self.value = value
        self.zone = ZoneInfo(zone)
        self.now = now
        self.today = now.astimezone(self.zone).date()

    def day(self, value: Any) -> date:
        """The day of a row's value, for who asks."""
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value


def month(day: date) -> int:
    return day.year * 12 + day.month - 1


def as_sent(value: Any) -> Any:
    """Dates and moments as texts, as JSON has them."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return [as_sent(each) for each in value] if isinstance(value, list) else value


def is_between(value: Any, ends: list[Any]) -> bool:
    return bool(ends[0] <= value <= ends[1])


def present(asked: Asked, value: Any) -> Any:
    return asked.now if isinstance(value, datetime) else asked.today


def is_recent(asked: Asked, value: Any, days: int) -> bool:
    return bool(asked.today - timedelta(days) <= asked.day(value) and value <= present(asked, value))


def is_soon(asked: Asked, value: Any) -> bool:
    return bool(value >= present(asked, value) and asked.day(value) <= asked.today + timedelta(asked.value))


NO_VALUE = st.none()
#: Values, and what is true of a row's value that is there.
Case = tuple[st.SearchStrategy[Any], Callable[[Asked, Any], bool]]
ON_DAYS: dict[str, Case] = {
    "today": (NO_VALUE, lambda asked, value: asked.day(value) == asked.today),
    "currentMonth": (NO_VALUE, lambda asked, value: month(asked.day(value)) == month(asked.today)),
    "lastMonth": (NO_VALUE, lambda asked, value: month(asked.day(value)) == month(asked.today) - 1),
    "nextMonth": (NO_VALUE, lambda asked, value: month(asked.day(value)) == month(asked.today) + 1),
    "currentQuarter": (NO_VALUE, lambda asked, value: month(asked.day(value)) // 3 == month(asked.today) // 3),
    "lastQuarter": (NO_VALUE, lambda asked, value: month(asked.day(value)) // 3 == month(asked.today) // 3 - 1),
    "currentYear": (NO_VALUE, lambda asked, value: asked.day(value).year == asked.today.year),
    "lastYear": (NO_VALUE, lambda asked, value: asked.day(value).year == asked.today.year - 1),
    "on": (DAY, lambda asked, value: asked.day(value) == asked.value),
    "notOn": (DAY, lambda asked, value: asked.day(value) != asked.value),
    "before": (DAY, lambda asked, value: asked.day(value) < asked.value),
    "after": (DAY, lambda asked, value: asked.day(value) > asked.value),
    "between": (st.lists(DAY, min_size=2, max_size=2), lambda asked, value: is_between(asked.day(value), asked.value)),
    "lastSevenDays": (NO_VALUE, lambda asked, value: is_recent(asked, value, 7)),
    "lastXDays": (DAYS, lambda asked, value: is_recent(asked, value, asked.value)),
    "nextXDays": (DAYS, is_soon),
    "olderThanXDays": (DAYS, lambda asked, value: asked.day(value) < asked.today - timedelta(asked.value)),
    "afterXDays": (DAYS, lambda asked, value: asked.day(value) > asked.today + timedelta(asked.value)),
    "past": (NO_VALUE, lambda asked, value: value < present(asked, value)),
    "future": (NO_VALUE, lambda asked, value: value > present(asked, value)),
}
ON_MOMENTS: dict[str, Case] = {
    "on": (moments, lambda asked, value: value == asked.value),
    "notOn": (moments, lambda asked, value: value != asked.value),
    "before": (moments, lambda asked, value: value < asked.value),
    "after": (moments, lambda asked, value: value > asked.value),
    "between": (st.lists(moments, min_size=2, max_size=2), lambda asked, value: is_between(value, asked.value)),
}


def fold(text: str) -> str:
    """The text with one small letter for each letter."""
    return "".join(map(small, text))


PARTS = texts.filter(lambda text: len(text) < 100)
SOME_WORDS = st.lists(st.sampled_from(WORDS), max_size=3)
TWO_INTS = st.lists(ints, min_size=2, max_size=2)
#: Type, attribute, values, and what is true of a row's value.
PLAIN: list[tuple[str, str, st.SearchStrategy[Any], Callable[[Any, Any], Truth]]] = [
    ("equals", "size", ints, lambda mine, value: compared(mine, "=", value)),
    ("equals", "name", texts, lambda mine, value: compared(mine, "=", value)),
    ("equals", "weight", floats, lambda mine, value: compared(mine, "=", value)),
    ("equals", "seenAt", moments, lambda mine, value: compared(mine, "=", value)),
    ("notEquals", "name", texts, lambda mine, value: compared(mine, "!=", value)),
    ("greaterThan", "weight", floats, lambda mine, value: compared(mine, ">", value)),
    ("lessThan", "size", ints, lambda mine, value: compared(mine, "<", value)),
    ("greaterThanOrEquals", "madeOn", dates, lambda mine, value: compared(mine, ">=", value)),
    ("lessThanOrEquals", "seenAt", moments, lambda mine, value: compared(mine, "<=", value)),
    ("in", "name", st.lists(texts, max_size=4), lambda mine, value: compared(mine, "=", value)),
    ("notIn", "size", st.lists(ints, max_size=4), lambda mine, value: compared(mine, "!=", value)),
    ("between", "size", TWO_INTS, lambda mine, value: mine is not None and is_between(mine, value)),
    ("like", "name", patterns, lambda mine, value: compared(mine, "*", value)),
    ("notLike", "note", patterns, lambda mine, value: compared(mine, "!*", value)),
    ("startsWith", "name", PARTS, lambda mine, value: mine is not None and fold(mine).startswith(fold(value))),
    ("endsWith", "name", PARTS, lambda mine, value: mine is not None and fold(mine).endswith(fold(value))),
    ("contains", "name", PARTS, lambda mine, value: mine is not None and fold(value) in fold(mine)),
    ("notContains", "name", PARTS, lambda mine, value: mine is not None and fold(value) not in fold(mine)),
    ("isNull", "note", NO_VALUE, lambda mine, _: mine is None),
    ("isNotNull", "note", NO_VALUE, lambda mine, _: mine is not None),
    ("ever", "seenAt", NO_VALUE, lambda mine, _: mine is not None),
    ("isTrue", "isGood", NO_VALUE, lambda mine, _: mine is True),
    ("isFalse", "isGood", NO_VALUE, lambda mine, _: mine is False),
    ("arrayAnyOf", "tags", SOME_WORDS, lambda mine, value: bool(set(mine or ()) & set(value))),
    ("arrayNoneOf", "tags", SOME_WORDS, lambda mine, value: not set(mine or ()) & set(value)),
    ("arrayIsEmpty", "tags", NO_VALUE, lambda mine, _: not mine),
    ("arrayIsNotEmpty", "tags", NO_VALUE, lambda mine, _: bool(mine)),
]
ALL_ZONES = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))


def found(things: Things, items: Any, **options: Any) -> list[int]:
    return things.numbers(api_where(things.repository.terms, items, **options))


def check_plain(things: Things, limits: Any, case: Any) -> None:
    kind, attribute, values, holds = case

    @given(values)
    def check(value: Any) -> None:
        wanted = [row["number"] for row in things.rows if holds(row[attribute], value) is True]

        assert found(things, [{"type": kind, "attribute": attribute, "value": as_sent(value)}]) == wanted

    limits(check)()


def check_days(things: Things, limits: Any, kind: str, attribute: str, case: Any, zones: Any = ZONES) -> None:
    values, holds = case

    @given(values, zones, NOWS)
    def check(value: Any, zone: str, now: datetime) -> None:
        asked = Asked(value, zone, now)
        there = [row for row in things.rows if row[attribute] is not None]
        wanted = [row["number"] for row in there if holds(asked, row[attribute])]
        item = {"type": kind, "attribute": attribute, "value": as_sent(value)}

        assert found(things, [item], zone=asked.zone, now=now) == wanted

    limits(check)()


def test_types_that_ask_for_no_day(things: Things) -> None:
    for case in PLAIN:
        check_plain(things, FEW, case)


@pytest.mark.parametrize("attribute", ["seenAt", "madeOn"])
def test_days_are_those_of_who_asks(things: Things, attribute: str) -> None:
    for kind, case in ON_DAYS.items():
        check_days(things, FEW, kind, attribute, case)


def test_moments_are_compared_as_they_are(things: Things) -> None:
    for kind, case in ON_MOMENTS.items():
        check_days(things, FEW, kind, "seenAt", case)


@pytest.mark.proof
@pytest.mark.parametrize("case", PLAIN, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_type_with_many_values(things: Things, case: Any) -> None:
    check_plain(things, MANY, case)


@pytest.mark.proof
@pytest.mark.parametrize("attribute", ["seenAt", "madeOn"])
@pytest.mark.parametrize("kind", sorted(ON_DAYS))
def test_days_in_all_zones(things: Things, kind: str, attribute: str) -> None:
    check_days(things, MANY, kind, attribute, ON_DAYS[kind], zones=ALL_ZONES)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_links(things: Things, count: int) -> None:
    makers = [row["maker"]["id"] for row in things.rows if row["maker"]][:count]
    categories = [row["categories"][0]["id"] for row in things.rows if row["categories"]][:count]
    tests: list[tuple[str, str, Any, Callable[[Row], bool]]] = [
        ("isLinked", "maker", None, lambda row: row["maker"] is not None),
        ("isNotLinked", "maker", None, lambda row: row["maker"] is None),
        ("isLinked", "categories", None, lambda row: bool(row["categories"])),
        ("isNotLinked", "categoriesIds", None, lambda row: not row["categories"]),
        ("linkedWith", "makerId", makers, lambda row: leads_to(row["maker"], makers)),
        ("notLinkedWith", "maker", makers, lambda row: not leads_to(row["maker"], makers)),
        ("linkedWith", "categories", categories, lambda row: leads_to(row["categories"], categories)),
        ("notLinkedWith", "categories", categories, lambda row: not leads_to(row["categories"], categories)),
    ]
    for kind, link, value, holds in tests:
        wanted = [row["number"] for row in things.rows if holds(row)]

        assert found(things, [{"type": kind, "attribute": link, "value": value}]) == wanted, (kind, link)


def leads_to(others: Any, ids: list[str]) -> bool:
    return any(other is not None and other["id"] in ids for other in (others if isinstance(others, list) else [others]))


def test_groups_and_the_query_builder_say_the_same(things: Things) -> None:
    big = {"type": "greaterThan", "attribute": "size", "value": 2}
    good = {"type": "isTrue", "field": "isGood"}
    rules = [{"id": "size", "operator": "greater", "value": 2}, {"id": "isGood", "operator": "is_true", "value": None}]
    truths = [(row["number"], compared(row["size"], ">", 2), compared(row["isGood"], "=", True)) for row in things.rows]
    both = [number for number, *each in truths if every(each)]
    one = [number for number, *each in truths if some(each)]
    none = [number for number, *each in truths if negated(some(each))]

    assert found(things, [big, good]) == found(things, [{"type": "and", "value": [big, good]}]) == both
    assert found(things, {"condition": "AND", "rules": rules}) == both
    assert found(things, [{"type": "or", "value": [big, good]}]) == one
    assert found(things, [{"condition": "OR", "rules": rules}]) == one
    assert found(things, [{"type": "not", "value": [{"type": "or", "value": [big, good]}]}]) == none
    assert found(things, {"condition": "OR", "rules": rules, "not": True}) == none
