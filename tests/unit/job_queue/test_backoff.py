"""The pauses between attempts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.job_queue.backoff import LONGEST_SECONDS, Backoff, backoff_of
from core.metadata.judge import judge

SHORT = settings(max_examples=200, derandomize=True, deadline=None, database=None)

seconds = st.floats(0, 1e300) | st.integers(0, 10**9)
objects = st.fixed_dictionaries(
    {"seconds": seconds},
    optional={
        "type": st.sampled_from(["constant", "linear", "exponential"]),
        "max": seconds,
        "jitter": st.floats(0, 1),
    },
)
settings_of_types = objects | st.lists(seconds, min_size=1, max_size=5)


def made(value: Any) -> Backoff:
    found = backoff_of(value)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "pauses"),
    [
        ([1, 10, 60], [1, 10, 60, 60, 60]),
        ({"seconds": 5}, [5, 5, 5, 5, 5]),
        ({"type": "linear", "seconds": 5}, [5, 10, 15, 20, 25]),
        ({"type": "exponential", "seconds": 5}, [5, 10, 20, 40, 80]),
        ({"type": "exponential", "seconds": 5, "max": 30}, [5, 10, 20, 30, 30]),
    ],
)
def test_the_pause_after_each_attempt(value: Any, pauses: list[float]) -> None:
    assert [made(value).seconds_after(attempt, 0.5) for attempt in range(1, 6)] == pauses


@pytest.mark.parametrize(("chance", "pause"), [(0, 100), (0.5, 90), (1, 80)])
def test_chance_takes_a_share_off(chance: float, pause: float) -> None:
    assert made({"seconds": 100, "jitter": 0.2}).seconds_after(1, chance) == pytest.approx(pause)


def test_without_a_setting_there_is_no_pause() -> None:
    assert backoff_of(None) is None


@pytest.mark.parametrize(
    "value",
    [[], ["1"], [-1], [True], [float("inf")], 5, "5", {}, {"type": "odd", "seconds": 1}, {"seconds": None}, {"max": 1}],
)
def test_what_is_no_backoff_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        backoff_of(value)


@SHORT
@given(settings_of_types, st.integers(1, 2**31), st.floats(0, 1))
def test_no_pause_is_longer_than_it_may_be_or_shorter_than_nothing(value: Any, attempt: int, chance: float) -> None:
    most = value.get("max", LONGEST_SECONDS) if isinstance(value, dict) else LONGEST_SECONDS

    assert 0 <= made(value).seconds_after(attempt, chance) <= min(most, LONGEST_SECONDS)


@SHORT
@given(settings_of_types)
def test_what_the_schema_takes_can_be_used(value: Any) -> None:
    assert judge({"X": {"handler": "A.B", "backoff": value}}, "jobTypes") == []
    assert made(value)
