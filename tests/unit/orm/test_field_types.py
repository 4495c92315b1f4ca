"""What `set` takes, and what the columns hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect

from core.orm.column_types import Moment
from core.orm.field_types import FIELD_TYPES, length_of
from core.orm.json_text import compact_json, parse_json

MOMENT = datetime(2026, 11, 23, 10, 20, 30, 123456, UTC)
SQLITE = sqlite.dialect()

to_text: Any = Moment().bind_processor(SQLITE)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("field_type", "given_value", "kept"),
    [
        ("varchar", "Äpfel", "Äpfel"),
        ("varchar", 5, "5"),
        ("bool", 1, True),
        ("bool", False, False),
        ("int", "-7", -7),
        ("int", 3.0, 3),
        ("float", "2.5", 2.5),
        ("date", "2026-11-23", date(2026, 11, 23)),
        ("datetime", "2026-11-23 10:20:30", datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)),
        ("datetime", "2026-11-23T10:20:30.123456Z", MOMENT),
        ("datetime", "2026-11-23T12:20:30.123456+02:00", MOMENT),
        ("datetime", MOMENT.astimezone(timezone(timedelta(hours=5))), MOMENT),
        ("array", ("a", "b"), ["a", "b"]),
        ("link", "", None),
    ],
)
def test_set_takes_the_usual_forms(field_type: str, given_value: Any, kept: Any) -> None:
    assert FIELD_TYPES[field_type].normalise(given_value) == kept


@pytest.mark.parametrize(
    ("field_type", "value", "rule"),
    [
        ("varchar", ["a"], "is not a text"),
        ("varchar", True, "is not a text"),
        ("varchar", "a\0b", "NUL"),
        ("text", "\ud800", "surrogate"),
        ("bool", "yes", "neither true nor false"),
        ("int", 2.5, "not a whole number"),
        ("int", "many", "not a whole number"),
        ("int", "1_000", "not a whole number"),
        ("int", True, "not a whole number"),
        ("int", 2**31, "is not between"),
        ("float", "many", "not a number"),
        ("float", "1_0.5", "not a number"),
        ("float", 10**400, "not a number"),
        ("float", True, "not a number"),
        ("float", float("nan"), "not a finite number"),
        ("date", MOMENT, "not a date"),
        ("date", "tomorrow", "not a date"),
        ("datetime", "tomorrow", "not a moment"),
        ("datetime", 5, "not a moment"),
        ("datetime", MOMENT.replace(tzinfo=None), "no time zone"),
        ("jsonObject", [1], "not a JSON object"),
        ("jsonArray", {}, "not a list"),
        ("multiEnum", [1], "not a list of texts"),
    ],
)
def test_a_value_of_a_wrong_type_is_refused_with_the_rule(field_type: str, value: Any, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        FIELD_TYPES[field_type].normalise(value)


@pytest.mark.parametrize(
    ("params", "length"),
    [
        ({}, 255),
        ({"maxLength": 40}, 40),
        ({"len": 40}, 40),
        ({"maxLength": 30, "len": 40}, 30),
        ({"maxLength": "30"}, 30),
        ({"maxLength": 0}, 255),
        ({"maxLength": "many", "len": -5}, 255),
    ],
)
def test_a_line_is_as_long_as_its_field_says(params: dict[str, Any], length: int) -> None:
    assert length_of(params) == length


def test_a_payload_is_compact_on_the_disk() -> None:
    assert compact_json({"creatorId": "1", "ids": ["ä", 2]}) == '{"creatorId":"1","ids":["ä",2]}'


@given(JSON)
def test_json_comes_back_as_it_went(value: Any) -> None:
    assert parse_json(compact_json(value)) == value


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, "\ud800", MOMENT])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        compact_json({"value": value})


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_moments_sort_as_text_on_sqlite(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


@given(st.datetimes(timezones=st.timezones()))
def test_moments_come_back_from_sqlite_in_utc(moment: datetime) -> None:
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        return
    assert Moment().process_result_value(to_text(moment), SQLITE) == expected


def test_a_moment_is_stored_in_fixed_width() -> None:
    assert to_text(MOMENT.replace(microsecond=0)) == "2026-11-23 10:20:30.000000"
    assert to_text("2026-11-23T10:20:30Z") == "2026-11-23 10:20:30.000000"


def test_a_moment_has_a_zone_on_postgresql() -> None:
    dialect_class: Any = PGDialect

    assert Moment().compile(dialect_class()) == "TIMESTAMP WITH TIME ZONE"
