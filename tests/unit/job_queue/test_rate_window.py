"""Counting starts in a window of time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.job_queue.rate_window import Rate, RateWindow

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("1/second", Rate(1, 1)), ("100/minute", Rate(100, 60)), ("7 / hour", Rate(7, 3600)), ("5/day", Rate(5, 86_400))],
)
def test_a_rate_is_a_number_and_a_unit(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate
    assert str(rate) == text.replace(" ", "")


@pytest.mark.parametrize("text", ["0/minute", "1/week", "1", "-1/minute", "1.5/second", "1/minute ", 5, None, True])
def test_what_is_no_rate_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="which is no number per second"):
        Rate.parse(text)


def test_no_window_ever_sees_more_starts_and_the_rate_is_nearly_reached() -> None:
    chance, rate, stored, starts = random.Random(1), Rate(10, 60), None, []
    now = NOW
    while now < NOW + timedelta(minutes=20):
        window = RateWindow(rate, stored, now)
        count = min(window.room, chance.randint(0, 4))
        if count:
            window.add(count)
            stored = window.to_json()
            starts += [now] * count
        now += timedelta(seconds=chance.random() * 2)

    most = max(sum(1 for each in starts if first <= each < first + timedelta(minutes=1)) for first in starts)
    assert most <= 10
    assert len(starts) >= 0.9 * 20 * 10


@pytest.mark.parametrize("rate", [Rate(1, 1), Rate(3, 60), Rate(50, 86_400)])
def test_it_opens_when_it_says_and_not_before(rate: Rate) -> None:
    window = RateWindow(rate, None, NOW)
    window.add(rate.most)
    stored, opens_at = window.to_json(), window.opens_at

    assert window.room == 0
    assert RateWindow(rate, stored, opens_at - timedelta(milliseconds=5)).room == 0
    assert RateWindow(rate, stored, opens_at + timedelta(milliseconds=1)).room == rate.most
    assert rate.seconds <= (opens_at - NOW).total_seconds() <= rate.seconds * 62 / 60


@pytest.mark.parametrize("stored", ["", "[]", "{", '{"a": 1}', '{"1": "x"}', "null"])
def test_what_cannot_be_read_counts_as_no_starts(stored: str) -> None:
    assert RateWindow(Rate(3, 60), stored, NOW).room == 3


def test_a_clock_that_was_ahead_blocks_nothing() -> None:
    ahead = RateWindow(Rate(3, 60), None, NOW + timedelta(days=1))
    ahead.add(3)

    assert RateWindow(Rate(3, 60), ahead.to_json(), NOW).room == 3
