"""What chaos makes of journals and rows: each thing that must not happen is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.chaos.journal import Journal
from benchmarks.chaos.reconciliation import Reconciliation

MAX_ATTEMPTS = {"Once": 1, "Thrice": 3}
#: Two jobs that were saved and ran, the second one with a failure before its success.
LINES = (
    "saving a b",
    "saved a b",
    "begin a 1 alone 7 100",
    "end a 1 alone 7 200",
    "begin b 1 alone 8 100",
    "begin b 2 alone 8 300",
    "end b 2 alone 8 400",
)


def row(attempt: int, status: str = "Success", job_type: str = "Thrice", process: str | None = None) -> dict[str, Any]:
    return {"status": status, "run_process": process, "attempt": attempt, "type": job_type}


ROWS = {"a": row(1, job_type="Once"), "b": row(2)}


@pytest.fixture
def reconcile(tmp_path: Path) -> Any:
    def reconcile(
        *lines: str, without: str = "", rows: Any = ROWS, attempts: list[tuple[str, int]] | None = None
    ) -> Reconciliation:
        kept = [line for line in LINES if line != without]
        (tmp_path / "one").write_text("".join(f"{line}\n" for line in (*kept, *lines)))
        return Reconciliation.of(Journal.read(tmp_path), rows, attempts or [], MAX_ATTEMPTS)

    return reconcile


def faults(found: Reconciliation) -> dict[str, set[str]]:
    names = ("lost", "twice_at_one_time", "too_often", "stuck", "untrue")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def test_where_nothing_happened_nothing_is_found(reconcile: Any) -> None:
    found = reconcile(attempts=[("b", 1), ("b", 2)])

    assert (found.is_clean, faults(found)) == (True, {})
    assert (found.enqueued, found.ended, found.runs) == (2, 2, 3)


def test_a_job_that_was_saved_and_has_no_row_is_lost(reconcile: Any) -> None:
    found = reconcile("saving c", "saved c")

    assert (found.is_clean, faults(found)) == (False, {"lost": {"c"}})


def test_a_job_that_ran_and_has_no_row_is_lost_though_nobody_was_told_that_it_is_saved(reconcile: Any) -> None:
    assert faults(reconcile("saving c", "begin c 1 alone 9 500")) == {"lost": {"c"}}


def test_where_nothing_ran_nothing_is_proved(tmp_path: Path) -> None:
    assert not Reconciliation.of(Journal.read(tmp_path), {}, [], MAX_ATTEMPTS).is_clean


def test_a_call_that_did_not_return_may_have_stored_nothing(reconcile: Any) -> None:
    assert reconcile("saving c").is_clean


@pytest.mark.parametrize(
    ("begin", "attempt"),
    [
        ("begin b 3 beside 9 500", 3),  # the kernel says so
        ("begin b 3 alone 9 350", 3),  # by the moments: the second one ended at 400
        ("begin b 2 alone 9 500", 2),  # one attempt, two processes
    ],
    ids=["lock", "moments", "attempt"],
)
def test_a_job_that_runs_twice_at_one_time_is_found(reconcile: Any, begin: str, attempt: int) -> None:
    found = reconcile(begin, f"end b {attempt} alone 9 600", rows={**ROWS, "b": row(attempt)})

    assert (found.is_clean, faults(found)) == (False, {"twice_at_one_time": {"b"}})


def test_a_job_that_began_too_often_is_found(reconcile: Any) -> None:
    found = reconcile("begin a 2 alone 9 500", "end a 2 alone 9 600", rows={**ROWS, "a": row(2, job_type="Once")})

    assert faults(found) == {"too_often": {"a"}}


@pytest.mark.parametrize("permission", ["retry a", "by-hand a"])
def test_what_a_person_wanted_is_not_too_often(reconcile: Any, permission: str) -> None:
    rows = {**ROWS, "a": row(2, job_type="Once")}

    assert reconcile(permission, "begin a 2 alone 9 500", "end a 2 alone 9 600", rows=rows).is_clean


@pytest.mark.parametrize(
    "stuck",
    [row(1, "Running", process="boot:1:1:1"), row(1, "Pending"), row(1, "Awaiting"), row(1, process="boot:1:1:1")],
    ids=["Running", "Pending", "Awaiting", "held"],
)
def test_a_job_that_does_not_come_to_an_end_is_stuck(reconcile: Any, stuck: dict[str, Any]) -> None:
    found = reconcile(rows={**ROWS, "a": {**stuck, "type": "Once"}})

    assert (faults(found), found.ended) == ({"stuck": {"a"}}, 1)


def test_a_success_of_which_the_run_knows_nothing_is_untrue(reconcile: Any) -> None:
    assert faults(reconcile(without="end a 1 alone 7 200")) == {"untrue": {"a"}}


def test_a_row_that_knows_less_than_what_ran_is_untrue(reconcile: Any) -> None:
    assert faults(reconcile(rows={**ROWS, "b": row(1, "Failed")})) == {"untrue": {"b"}}


def test_an_attempt_that_was_recorded_twice_is_untrue(reconcile: Any) -> None:
    assert faults(reconcile(attempts=[("b", 1), ("b", 1)])) == {"untrue": {"b"}}


def test_a_row_that_nobody_saved_is_untrue(reconcile: Any) -> None:
    assert faults(reconcile(rows={**ROWS, "c": row(0, "Canceled")})) == {"untrue": {"c"}}


def test_a_line_that_was_not_written_whole_does_not_count(reconcile: Any, tmp_path: Path) -> None:
    (tmp_path / "torn").write_text("saved c d")

    assert reconcile().is_clean
