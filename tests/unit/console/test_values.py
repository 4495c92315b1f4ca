"""Values of options."""

import re
from datetime import UTC, datetime

import pytest

from core.exceptions import ConsoleError
from core.terminal.values import one_of, to_count, to_json_object, to_moment, to_number, to_seconds


@pytest.mark.parametrize("text", ["ten", "", "nan", "inf", "1,5"])
def test_what_is_no_number_is_refused_by_the_options_name(text: str) -> None:
    with pytest.raises(ConsoleError, match=f"--priority needs a number, not '{text}'"):
        to_number("--priority", text)


def test_a_number_may_be_negative_and_have_a_fraction() -> None:
    assert to_number("--priority", "-2.5") == -2.5


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "many", "²"])
def test_a_count_is_whole_and_at_least_one(text: str) -> None:
    with pytest.raises(ConsoleError, match="--limit needs a whole number, 1 or more"):
        to_count("--limit", text)


def test_a_count_is_one_that_a_database_can_count_to() -> None:
    with pytest.raises(
        ConsoleError, match="--limit needs a whole number of at most 18 digits, not '9223372036854775808'"
    ):
        to_count("--limit", "9223372036854775808")


def test_seconds_are_not_negative() -> None:
    assert to_seconds("--timeout", "0.5") == 0.5
    with pytest.raises(ConsoleError, match="--timeout needs a number of seconds, 0 or more, not '-1'"):
        to_seconds("--timeout", "-1")


@pytest.mark.parametrize("text", ["2026-11-23 10:20:30", "2026-11-23T10:20:30Z", "2026-11-23T11:20:30+01:00"])
def test_a_moment_is_taken_in_atrocores_form_and_in_iso_8601(text: str) -> None:
    assert to_moment("--at", text) == datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "25:00", "2026-13-01", "0001-01-01T00:00:00+10:00"])
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConsoleError, match=re.escape("--at needs a time in UTC, such as '2026-11-23 10:20:30'")):
        to_moment("--at", text)


def test_broken_json_is_refused_with_its_place() -> None:
    with pytest.raises(ConsoleError, match=r"--payload is not JSON: .* at line 2, column 7"):
        to_json_object("--payload", '{"a": 1,\n "b": oops}')


@pytest.mark.parametrize("text", ["[1]", "1", "null", '"text"'])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConsoleError, match="--payload needs a JSON object"):
        to_json_object("--payload", text)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": ' * 100_000])
def test_json_that_no_database_takes_is_refused(text: str) -> None:
    with pytest.raises(ConsoleError, match="--payload is not JSON"):
        to_json_object("--payload", text)


def test_a_word_that_is_not_allowed_is_refused_with_the_near_one() -> None:
    assert one_of("--status", "Failed", ["Pending", "Failed"]) == "Failed"
    with pytest.raises(ConsoleError, match=r"--status cannot be 'failed'\. Did you mean 'Failed'"):
        one_of("--status", "failed", ["Pending", "Failed"])
    with pytest.raises(ConsoleError, match="It is one of Pending, Failed"):
        one_of("--status", "xyz", ["Pending", "Failed"])
