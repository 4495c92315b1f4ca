"""Each operator of the `where` language finds what a plain filter finds, on every database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.plain_filter import meets
from tests.conformance.things import DATES, FLOATS, INTS, MAKERS, MOMENTS, TEXTS, WORDS, Things

SHORT = settings(max_examples=30, derandomize=True, deadline=None, database=None)
LONG = settings(
    max_examples=5000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)


ALPHABET = st.sampled_from("aAbBäÄßiI\u0130\u0131kK\u03c3ςΣ%_\\'\" \n,[]")
texts = st.sampled_from(TEXTS) | st.text(ALPHABET, max_size=4)
ints = st.sampled_from(INTS) | st.integers(-(2**31) + 1, 2**31 - 1)
floats = st.sampled_from(FLOATS) | st.floats(allow_nan=False, allow_infinity=False)
dates = st.sampled_from(DATES) | st.dates(date(1000, 1, 1), date(9998, 12, 31))
moments = st.sampled_from(MOMENTS) | st.datetimes(datetime(1000, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))
patterns = (
    st.lists(st.sampled_from([*TEXTS, "%", "%", "_", "\\%", "\\_", "\\\\", "\\"]), max_size=4)
    .map("".join)
    .filter(lambda text: len(text) <= 300)
)
small_ints = st.integers(-1, 60)

#: By term: its values.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": texts,
    "note": texts,
    "size": ints,
    "weight": floats,
    "madeOn": dates,
    "seenAt": moments,
    "makerTown": st.sampled_from([town or "" for _, town in MAKERS]),
    "makerName": texts,
    "bossTown": texts,
    "maker.boss.name": texts,
    "maker.boss.boss.town": texts,
    "maker.things.size": ints,
    "categories.name": texts,
    "categories.things.name": texts,
    "LOWER:name": texts,
    "UPPER:note": texts,
    "TRIM:name": texts,
    "LENGTH:TRIM:name": small_ints,
    "LENGTH:makerTown": small_ints,
    "YEAR:seenAt": st.integers(1000, 9999),
    "YEAR:madeOn": st.integers(2020, 2027),
    "QUARTER:seenAt": small_ints,
    "MONTH:madeOn": small_ints,
    "WEEK:madeOn": small_ints,
    "WEEK:seenAt": small_ints,
    "DAY:seenAt": small_ints,
    "DAYOFWEEK:madeOn": small_ints,
    "DAYOFWEEK:seenAt": small_ints,
    "HOUR:seenAt": small_ints,
    "MINUTE:seenAt": small_ints,
    "DATE:seenAt": dates,
    "ABS:size": ints,
    "ABS:weight": floats,
    "ROUND:weight": floats,
}
#: Capital and small letters that MariaDB knows.
CASED = ("LOWER", "UPPER")
TEXT_TERMS = [term for term, values in VALUES.items() if values is texts and not term.startswith(CASED)]
PAIRS = [
    ("size", "other"),
    ("size", "weight"),
    ("seenAt", "doneAt"),
    ("name", "note"),
    ("LOWER:name", "LOWER:note"),
    ("name", "makerName"),
    ("makerTown", "bossTown"),
    ("DATE:seenAt", "madeOn"),
    ("LENGTH:name", "size"),
]
SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["=", "!="])


def leaves() -> st.SearchStrategy[Any]:
    plain = st.sampled_from(sorted(VALUES)).flatmap(lambda term: st.tuples(st.just(term), SIGNS, VALUES[term]))
    several = st.sampled_from(sorted(VALUES)).flatmap(
        lambda term: st.tuples(st.just(term), EQUAL, st.lists(VALUES[term] | st.none(), max_size=4))
    )
    nothing = st.tuples(st.sampled_from(sorted(VALUES)), EQUAL, st.none())
    truths = st.tuples(st.just("isGood"), SIGNS, st.booleans())
    like = st.tuples(st.sampled_from(TEXT_TERMS), st.sampled_from(["*", "!*"]), patterns)
    has = st.tuples(st.just("HAS:tags"), EQUAL, st.sampled_from(WORDS) | st.lists(st.sampled_from(WORDS), max_size=3))
    terms = st.tuples(st.sampled_from(PAIRS), SIGNS).map(lambda each: (each[0][0], f"{each[1]}:", each[0][1]))
    return plain | several | nothing | truths | like | has | terms


def groups(conditions: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.sampled_from(["AND", "OR", "NOT"]), st.lists(conditions, max_size=3))


conditions = st.recursive(leaves(), groups, max_leaves=6)


def as_where(condition: Any) -> dict[str, Any]:
    """The condition in the words of the language."""
    if condition[0] in ("AND", "OR", "NOT"):
        return {condition[0]: [as_where(each) for each in condition[1]]}
    term, sign, value = condition
    return {f"{term}{sign}": value}


def check(things: Things, condition: Any) -> None:
    wanted = [row["number"] for row in things.rows if meets(row, condition) is True]

    assert things.numbers(as_where(condition)) == wanted


def test_each_operator_on_each_term(things: Things) -> None:
    for term, values in VALUES.items():

        @settings(SHORT, max_examples=12)
        @given(st.just(term), SIGNS, values)
        def each(term: str, sign: str, value: Any) -> None:
            check(things, (term, sign, value))

        each()


@SHORT
@given(condition=leaves() | st.tuples(st.sampled_from(TEXT_TERMS), st.sampled_from(["*", "!*"]), patterns))
def test_lists_patterns_and_comparisons_of_terms(things: Things, condition: Any) -> None:
    check(things, condition)


@SHORT
@given(condition=conditions)
def test_groups_of_conditions(things: Things, condition: Any) -> None:
    check(things, condition)


@pytest.mark.proof
@LONG
@given(condition=conditions)
def test_many_groups_of_conditions(things: Things, condition: Any) -> None:
    check(things, condition)
