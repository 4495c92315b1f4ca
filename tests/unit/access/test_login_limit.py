"""How often somebody may try to log in."""

from __future__ import annotations

import pytest

from core import clock
from core.access import LoginLimit
from core.exceptions import TooManyRequests


class Watch:
    now = 1000.0


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "monotonic", lambda: watch.now)
    return watch


def is_refused(limit: LoginLimit, name: str, address: str) -> bool:
    try:
        limit.check(name, address)
    except TooManyRequests:
        return True
    return False


def fail(limit: LoginLimit, name: str, address: str, times: int) -> None:
    for _ in range(times):
        limit.note_failure(name, address)


def test_five_failures_of_a_name_from_an_address(watch: Watch) -> None:
    limit = LoginLimit()
    fail(limit, "anna", "1.1.1.1", 5)

    assert is_refused(limit, "anna", "1.1.1.1")
    assert not is_refused(limit, "anna", "2.2.2.2")
    assert not is_refused(limit, "ben", "1.1.1.1")


def test_they_are_forgotten_after_fifteen_minutes(watch: Watch) -> None:
    limit = LoginLimit()
    fail(limit, "anna", "1.1.1.1", 5)
    watch.now += 901

    assert not is_refused(limit, "anna", "1.1.1.1")


def test_an_address_that_tries_many_names(watch: Watch) -> None:
    limit = LoginLimit()
    for number in range(30):
        limit.note_failure(f"user{number}", "1.1.1.1")

    assert is_refused(limit, "anna", "1.1.1.1")
    assert not is_refused(limit, "anna", "2.2.2.2")


def test_a_name_that_is_tried_from_many_addresses(watch: Watch) -> None:
    limit = LoginLimit()
    for number in range(100):
        limit.note_failure("anna", f"1.1.1.{number}")

    assert is_refused(limit, "anna", "2.2.2.2")
    assert not is_refused(limit, "ben", "2.2.2.2")


def test_a_success_forgets_what_was_mistyped_and_not_what_was_guessed(watch: Watch) -> None:
    limit = LoginLimit()
    fail(limit, "anna", "1.1.1.1", 4)
    limit.note_success("anna", "1.1.1.1")
    fail(limit, "anna", "1.1.1.1", 4)
    assert not is_refused(limit, "anna", "1.1.1.1")

    for number in range(22):
        limit.note_failure(f"user{number}", "1.1.1.1")
    limit.note_success("anna", "1.1.1.1")
    assert is_refused(limit, "ben", "1.1.1.1")


def test_the_memory_is_bounded(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.access.login_limit._MOST_KEYS", 10)
    limit = LoginLimit()
    for number in range(100):
        limit.note_failure(f"user{number}", f"1.1.1.{number}")

    assert len(limit._failures) == 10


def test_few_failures_are_worth_a_row_of_the_audit(watch: Watch) -> None:
    limit = LoginLimit()
    assert [limit.note_failure("anna", "1.1.1.1") for _ in range(5)] == [1, 0, 0, 0, 5]

    assert sum(limit.note_failure(f"user{number}", f"1.1.2.{number}") for number in range(200)) == 28
    watch.now += 901
    assert limit.note_failure("anna", "1.1.1.1") == 1
