"""`Retry` as a job raises it."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import BadRequest, Discard, Retry


@pytest.mark.parametrize(("raised", "seconds"), [(Retry(), None), (Retry(0), 0.0), (Retry(in_seconds=1.5), 1.5)])
def test_it_says_when(raised: Retry, seconds: float | None) -> None:
    assert raised.in_seconds == seconds
    assert str(raised) == "The job asked for another attempt."


@pytest.mark.parametrize("in_seconds", [-1, "5", True, float("nan"), float("inf"), 10**9, "the service is down"])
def test_what_is_no_time_is_refused(in_seconds: Any) -> None:
    with pytest.raises(BadRequest, match=r"^Retry: in_seconds is .*the reason comes second\.$"):
        Retry(in_seconds)


def test_both_say_why() -> None:
    assert str(Retry(5, "the service is down")) == "the service is down"
    assert [str(Discard("closed")), str(Discard())] == ["closed", "The job gave no reason."]
