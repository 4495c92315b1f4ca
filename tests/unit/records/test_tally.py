"""What became of many records."""

from __future__ import annotations

import pytest

from core.exceptions import BadRequest, JobCanceled, NotModified
from core.records.tally import Tally


def attempt(tally: Tally, *outcomes: BaseException | None) -> None:
    def call(record_id: str) -> None:
        outcome = outcomes[int(record_id)]
        if outcome is not None:
            raise outcome

    for number in range(len(outcomes)):
        tally.attempt(str(number), call)


def test_what_fails_is_named_and_keeps_nobody_from_it() -> None:
    tally = Tally("updated")

    attempt(tally, None, BadRequest("No."), NotModified(), ZeroDivisionError(), None)

    assert tally.message == "Records: 5, updated: 2, unchanged: 1, failed: 2\n1: No.\n3: ZeroDivisionError"
    assert not tally.has_failed


@pytest.mark.parametrize(
    ("outcomes", "has_failed"),
    [([], False), ([None], False), ([NotModified()], False), ([BadRequest()], True), ([BadRequest(), None], False)],
)
def test_it_has_failed_where_everything_did(outcomes: list[BaseException | None], has_failed: bool) -> None:
    tally = Tally("updated")

    attempt(tally, *outcomes)

    assert tally.has_failed is has_failed


def test_a_message_shows_a_hundred_errors() -> None:
    tally = Tally("updated")

    attempt(tally, *(BadRequest(f"No {number}.") for number in range(150)))

    lines = tally.message.splitlines()
    assert (len(lines), lines[100], lines[101]) == (102, "99: No 99.", "and 50 more, which the log of the job has")
    assert len(tally.errors) == 150


def test_who_is_interrupted_goes_no_further() -> None:
    with pytest.raises(JobCanceled):
        attempt(Tally("updated"), JobCanceled())
