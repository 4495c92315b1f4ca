"""Each statement that changes a job names all that has to be as it was; whatever differs, the row stays as it is.

Bare SQL changes the rows here, so that no other guard stands in for the one that is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.job_queue.run import Cause, Outcome, Run
from tests.conformance.conftest import Queue
from tests.databases import MARIADB, POSTGRESQL, SQLITE

OTHER = "boot:1:9:9"
ENDS: dict[str, Callable[[Run], Outcome]] = {
    "success": lambda run: Outcome(run, True),
    "success with data": lambda run: Outcome(run, True, "m", '{"a":1}'),
    "failure": lambda run: Outcome(run, False, "no", cause=Cause(is_discarded=True)),
    "another attempt": lambda run: Outcome(run._replace(attempt_limit=9), False, "no"),
}
Deed = Callable[[Queue, Run], object]


def take_back(queue: Queue, run: Run) -> bool:
    with queue.database.write() as connection:
        return queue.queue.take_back(connection, run)


DEEDS: dict[str, Deed] = {
    **{name: lambda queue, run, made=made: queue.finish(made(run)) for name, made in ENDS.items()},
    "taken back": take_back,
    "progress": lambda queue, run: queue.queue.report_progress(run, '{"done":1}'),
    "checkpoint": lambda queue, run: queue.queue.store_checkpoint(run, '{"done":1}'),
}
deeds = pytest.mark.parametrize("deed", [pytest.param(deed, id=name) for name, deed in DEEDS.items()])


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


def start_by_hand(queue: Queue, run: Run, former: str | None) -> bool:
    with queue.database.write() as connection:
        return queue.queue.start_by_hand(connection, run, former)


def change(queue: Queue, job_id: str, **columns: Any) -> dict[str, Any]:
    """By bare SQL; returns the row."""
    sets = ", ".join(f"{name} = ?" for name in columns)
    queue.installation.execute(f"UPDATE job SET {sets} WHERE id = ?", *columns.values(), job_id)
    return queue.row(job_id)


def next_run(queue: Queue, job_id: str, process: str = OTHER) -> Run:
    attempt = (queue.row(job_id)["attempt"] or 0) + 1
    return Run(job_id, attempt, attempt, process, 9)


@deeds
def test_another_job_of_the_same_attempt_and_process_stays_as_it_is(queue: Queue, deed: Deed) -> None:
    queue.add(), queue.add()
    run, other = queue.start(*queue.candidates())
    before = queue.row(other.job_id)

    deed(queue, run)

    assert queue.row(other.job_id) == before


@deeds
def test_a_later_attempt_stays_as_it_is(queue: Queue, deed: Deed) -> None:
    queue.add()
    run = queue.claim()
    before = change(queue, run.job_id, attempt=2)

    deed(queue, run)

    assert queue.row(run.job_id) == before


@deeds
@pytest.mark.parametrize("status", ["Canceled", "Pending"])
def test_what_is_not_running_any_more_is_at_most_let_go(queue: Queue, deed: Deed, status: str) -> None:
    queue.add()
    run = queue.claim()
    before = change(queue, run.job_id, status=status)

    deed(queue, run)

    released = {"run_process", "run_node", "modified_at", "ended_at"}
    assert {k: v for k, v in queue.row(run.job_id).items() if k not in released} == {
        k: v for k, v in before.items() if k not in released
    }


def test_a_start_is_taken_back_from_its_own_process_only(queue: Queue) -> None:
    queue.add()
    run = queue.claim()
    before = change(queue, run.job_id, run_process=OTHER)

    assert not take_back(queue, run)
    assert queue.row(run.job_id) == before


@pytest.mark.parametrize("columns", [{"attempt": 2}, {"run_process": OTHER}], ids=["attempt", "process"])
def test_a_canceled_job_is_let_go_by_its_own_run_only(queue: Queue, columns: dict[str, Any]) -> None:
    queue.add()
    run = queue.claim()
    before = change(queue, run.job_id, status="Canceled", **columns)

    assert queue.finish(Outcome(run, True)) != []
    assert queue.row(run.job_id) == before


def test_a_canceled_job_is_let_go_alone(queue: Queue) -> None:
    queue.add(), queue.add()
    run, other = queue.start(*queue.candidates())
    change(queue, run.job_id, status="Canceled")
    before = change(queue, other.job_id, status="Canceled")

    queue.finish(Outcome(run, True))

    assert queue.row(run.job_id)["run_process"] is None
    assert queue.row(other.job_id) == before


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "Canceled"},
        {"deleted": True},
        {"run_process": OTHER},
        {"type": None},
        {"attempt": 5},
        {"modified_at": "2020-01-01 00:00:00.000000"},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_job_that_is_otherwise_than_it_was_read_is_not_started(queue: Queue, columns: dict[str, Any]) -> None:
    queue.add()
    seen = queue.candidates()
    before = change(queue, seen[0].job_id, **columns)

    assert queue.start(*seen) == []
    assert queue.row(seen[0].job_id) == before


def test_of_several_starts_those_count_that_are_its_own(queue: Queue) -> None:
    first, second = queue.add(), queue.add()
    seen = queue.candidates()
    change(queue, second, status="Running", attempt=1, run_process=OTHER)

    assert [run.job_id for run in queue.start(*seen)] == [first]


@pytest.mark.parametrize(
    "columns", [{"attempt": 5}, {"deleted": True}, {"run_process": OTHER}], ids=["attempt", "deleted", "process"]
)
def test_by_hand_a_job_is_started_as_it_was_seen_only(queue: Queue, columns: dict[str, Any]) -> None:
    job_id = queue.add()
    run = next_run(queue, job_id)
    before = change(queue, job_id, **columns)

    assert not start_by_hand(queue, run, None)
    assert queue.row(job_id) == before


def test_by_hand_one_job_is_started_alone(queue: Queue) -> None:
    job_id, other = queue.add(), queue.add()
    before = queue.row(other)

    assert start_by_hand(queue, next_run(queue, job_id), None)
    assert queue.row(other) == before


def test_of_several_ends_one_that_another_has_written_is_refused(queue: Queue) -> None:
    queue.add(), queue.add()
    run, other = queue.start(*queue.candidates())
    change(queue, other.job_id, status="Success", run_process=None, run_node=None)

    assert [outcome.run for outcome in queue.finish(Outcome(run, True), Outcome(other, True))] == [other]


@pytest.mark.parametrize("columns", [{"status": "Canceled"}, {"deleted": True}, {"run_process": OTHER}, {"type": None}])
def test_what_is_no_more_to_be_refused_is_not_failed(queue: Queue, columns: dict[str, Any]) -> None:
    job_id = queue.add()
    seen = queue.candidates()
    before = change(queue, job_id, **columns)

    with queue.database.write() as connection:
        assert queue.queue.refuse(connection, seen) == {}
    assert queue.row(job_id) == before


def test_one_unreadable_job_is_failed_alone(queue: Queue) -> None:
    queue.add(), queue.add()
    seen = queue.candidates()
    before = queue.row(seen[1].job_id)

    with queue.database.write() as connection:
        assert [*queue.queue.refuse(connection, seen[:1])] == [seen[0].job_id]
    assert queue.row(seen[1].job_id) == before


def test_all_rows_that_nobody_holds_are_closed_and_told_but_for_removed_ones(queue: Queue) -> None:
    jobs = [queue.add() for _ in range(3)]
    for job_id in jobs:
        change(queue, job_id, status="Running", attempt=1)
    removed = change(queue, jobs[2], deleted=True)

    with queue.database.write() as connection:
        assert sorted(queue.queue.close_adrift(connection)) == sorted(jobs[:2])
    assert queue.row(jobs[2]) == removed


def test_one_job_is_started_alone(queue: Queue) -> None:
    jobs = [queue.add(), queue.add()]
    for job_id in jobs:
        change(queue, job_id, modified_at="2020-01-01 00:00:00.000000")
    seen, _ = queue.candidates()
    (other,) = {*jobs} - {seen.job_id}
    before = queue.row(other)

    assert len(queue.start(seen)) == 1
    assert queue.row(other) == before


def test_a_job_without_a_type_is_not_due(queue: Queue) -> None:
    change(queue, queue.add(), type=None)

    assert queue.candidates() == []


def test_what_is_canceled_or_removed_is_not_waited_for(queue: Queue) -> None:
    for columns in ({"status": "Canceled"}, {"deleted": True}):
        change(queue, queue.add(executeTime=clock.now() + timedelta(hours=1)), **columns)

    with queue.database.read() as connection:
        assert queue.queue.next_due_at(connection) is None


def test_a_node_sees_what_its_own_processes_hold(queue: Queue) -> None:
    for _ in range(5):
        queue.add()
    running, canceled, *others = queue.start(*queue.candidates())
    change(queue, canceled.job_id, status="Canceled")
    change(queue, others[0].job_id, run_node="elsewhere")
    change(queue, others[1].job_id, status="Canceled", run_node="elsewhere")
    change(queue, others[2].job_id, status="Canceled", run_process=None)

    with queue.database.read() as connection:
        held = {each.run.job_id for each in queue.queue.held_runs(connection)}
        interrupted = queue.queue.interrupted(connection)

    assert held == {running.job_id, canceled.job_id}
    assert interrupted == {(canceled.job_id, 1)}


def test_a_run_asks_for_its_own_row(queue: Queue) -> None:
    queue.add(), queue.add()
    runs = queue.start(*queue.candidates())
    for run, other in (runs, runs[::-1]):
        change(queue, run.job_id, status="Canceled", checkpoint='{"mine":1}')
        change(queue, other.job_id, status="Running", checkpoint='{"other":1}')

        assert queue.queue.is_interrupted(run)
        assert not queue.queue.is_interrupted(other)
        assert queue.queue.stored_checkpoint(run) == '{"mine":1}'
        assert queue.queue.stored_checkpoint(run._replace(attempt=2)) is None
