"""What the type and the parameters of a field demand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.orm.field_types import FIELD_TYPES
from core.orm.regular_expression import LONGEST_MATCHED
from core.orm.rules import first_broken, read_rules


def broken(kind: str, params: dict[str, Any], value: Any) -> str | None:
    faults: list[str] = []
    rules = read_rules(kind, params, faults)
    assert faults == []
    return first_broken(rules, value)


def faults_of(kind: str, params: dict[str, Any]) -> list[str]:
    faults: list[str] = []
    read_rules(kind, params, faults)
    return faults


@pytest.mark.parametrize(
    ("kind", "params", "value", "wrong"),
    [
        ("varchar", {}, "a" * 256, "is longer than 255 characters"),
        ("varchar", {"maxLength": 2}, "abc", "is longer than 2 characters"),
        ("varchar", {"len": 2}, "abc", "is longer than 2 characters"),
        ("text", {"maxLength": 2}, "abc", "is longer than 2 characters"),
        ("link", {}, "a" * 37, "is longer than 36 characters"),
        ("varchar", {"pattern": "^[a-z]+$"}, "A", "does not match the pattern ^[a-z]+$"),
        ("varchar", {"pattern": "/^[a-z]+$/"}, "A", "does not match the pattern /^[a-z]+$/"),
        ("email", {}, "jane", "is not an email address, such as jane@example.com"),
        ("url", {}, "jane", "is not a URL with http, https, ftp, ftps, sftp and a host, such as https://example.com"),
        ("color", {}, "red", "is not a colour, such as #ff6262"),
        ("int", {"min": 1}, 0, "is less than 1"),
        ("int", {"max": 5}, 6, "is more than 5"),
        ("int", {"min": 0.5}, 0, "is less than 0.5"),
        ("float", {"min": "1.5"}, 1.4, "is less than 1.5"),
        ("autoincrement", {"min": 100}, 99, "is less than 100"),
        ("date", {"min": "2026-01-01"}, date(2025, 12, 31), "is before 2026-01-01"),
        ("date", {"max": "2026-01-01"}, date(2026, 1, 2), "is after 2026-01-01"),
        (
            "datetime",
            {"min": "2026-01-01 10:00:00"},
            datetime(2026, 1, 1, 9, tzinfo=UTC),
            "is before 2026-01-01 10:00:00+00:00",
        ),
        ("enum", {"options": ["a", "b"]}, "c", "is none of a, b"),
        ("enum", {"options": ["One", "Two"], "optionsIds": ["1", "2"]}, "One", "is none of 1, 2"),
        ("enum", {"options": [1, 2]}, "3", "is none of 1, 2"),
        ("multiEnum", {"options": ["a", "b"]}, ["a", "c"], "has other options than a, b"),
        ("array", {"options": ["a", "b"]}, ["c"], "has other options than a, b"),
    ],
)
def test_a_value_that_breaks_a_rule(kind: str, params: dict[str, Any], value: Any, wrong: str) -> None:
    assert broken(kind, params, value) == wrong


@pytest.mark.parametrize(
    ("kind", "params", "value"),
    [
        ("varchar", {}, "a" * 255),
        ("varchar", {"maxLength": 2}, "öä"),
        ("text", {}, "a" * 100_000),
        ("varchar", {"pattern": "b"}, "abc"),
        ("varchar", {"pattern": ""}, "abc"),
        ("varchar", {"options": ["a"]}, "only proposed"),
        ("int", {"min": 1, "max": 1}, 1),
        ("enum", {"options": []}, "any"),
        ("enum", {"options": [1, 2]}, "2"),
        ("enum", {"options": ["One"], "optionsIds": ["1"]}, "1"),
        ("multiEnum", {"options": ["a", "b"]}, ["b", "a"]),
        ("array", {}, ["any"]),
        ("varchar", {"maxLength": None, "pattern": None}, "erased"),
        ("datetime", {"min": "2026-01-01", "max": "2026-01-02"}, datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_value_that_keeps_the_rules(kind: str, params: dict[str, Any], value: Any) -> None:
    assert broken(kind, params, value) is None


@pytest.mark.parametrize(
    ("kind", "params", "fault"),
    [
        ("varchar", {"maxLength": "many"}, "has the maxLength 'many', which is not a whole number."),
        ("varchar", {"maxLength": -1}, "has the maxLength -1, which is less than 0."),
        ("varchar", {"len": "x"}, "has the len 'x', which is not a whole number."),
        ("varchar", {"pattern": "("}, "has the pattern '(', which is no regular expression: missing ), unterminated"),
        ("varchar", {"pattern": 5}, "has the pattern 5, which is no text."),
        ("int", {"pattern": "a"}, "has a pattern, which fields of type int do not have."),
        ("int", {"maxLength": 5}, "has a maxLength, which fields of type int do not have."),
        ("varchar", {"min": 5}, "has a min, which fields of type varchar do not have."),
        ("int", {"min": "a"}, "has the min 'a', which is not a number."),
        ("date", {"max": 5}, "has the max 5, which is not a date."),
        ("int", {"min": 5, "max": 3}, "has the min 5 and the max 3, between which there is nothing."),
        ("enum", {"options": 5}, "has the options 5, which are no list of texts."),
        ("enum", {"options": ["a", {}]}, "has the options ['a', {}], which are no list of texts."),
    ],
)
def test_a_parameter_that_cannot_be_had_is_told(kind: str, params: dict[str, Any], fault: str) -> None:
    assert [each[: len(fault)] for each in faults_of(kind, params)] == [fault]


def test_what_is_wrong_with_one_parameter_leaves_the_others() -> None:
    rules = read_rules("int", {"min": "a", "max": 5}, [])

    assert first_broken(rules, 6) == "is more than 5"


def test_a_long_text_is_not_compared_with_a_pattern() -> None:
    wrong = broken("text", {"pattern": "^a+$"}, "a" * (LONGEST_MATCHED + 1))

    assert wrong == "is longer than the 10000 characters that are compared with a pattern"


def test_a_message_about_many_options_stays_readable() -> None:
    options = [f"o{number}" for number in range(100)]

    assert str(broken("enum", {"options": options}, "x")).endswith("o18, o19 and 80 more")


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(-100, 100))
def test_a_number_between_its_bounds_is_right_and_no_other(value: int, least: int, most: int) -> None:
    rules = read_rules("int", {"min": least, "max": most}, [])

    assert (first_broken(rules, value) is None) == (least <= value <= most)


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_a_field_without_parameters_has_no_faults(kind: str) -> None:
    assert faults_of(kind, {}) == []
