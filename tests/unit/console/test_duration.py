"""Lengths of time in words."""

from __future__ import annotations

import pytest

from core.terminal.duration import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7500, "2 h 5 min"),
        (7200.5, "2 h"),
        (86_400 * 3 + 4 * 3600 + 59, "3 d 4 h"),
    ],
)
def test_the_two_largest_units_are_said(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
