"""What a password may be, and how it is stored."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from core.access import passwords
from core.access.passwords import hash_password, is_outdated, is_password
from core.exceptions import BadRequest, TooManyRequests


def test_only_the_password_fits_its_hash() -> None:
    stored = hash_password("correct horse battery")

    assert stored.startswith("$argon2id$")
    assert is_password("correct horse battery", stored)
    assert not is_password("correct horse batterz", stored)
    assert not is_password("correct horse battery", None)
    assert not is_password("correct horse battery", "no hash at all")
    assert not is_password("x" * 1001, stored)


@pytest.mark.parametrize("password", ["", "too short", "x" * 1001])
def test_one_that_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(BadRequest, match="10 to 1000 characters"):
        hash_password(password)


def test_a_hash_with_weaker_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8192).hash("correct horse battery"))
    assert not is_outdated(hash_password("correct horse battery"))


def test_a_crowd_waits_for_its_turn_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_LONGEST_WAIT_SECONDS", 0.01)
    with passwords._Turn(), passwords._Turn(), pytest.raises(TooManyRequests):
        is_password("correct horse battery", None)
