"""What is kept of the attempts of a job, on every database."""

from __future__ import annotations

from typing import Any

import pytest

from core import clock
from core.job_queue.run import Cause, Outcome, not_completed
from core.orm.column_types import to_moment
from tests.conformance.conftest import Queue
from tests.databases import MARIADB, POSTGRESQL, SQLITE


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


def attempts(queue: Queue, job_id: str) -> list[dict[str, Any]]:
    """The rows, in order."""
    found = "SELECT * FROM job_attempt WHERE job_id = ? ORDER BY attempt"
    return queue.installation.query(found, job_id)


def statuses(queue: Queue, job_id: str) -> list[tuple[int, str, str | None]]:
    return [(row["attempt"], row["status"], row["error"]) for row in attempts(queue, job_id)]


def test_a_success_at_the_first_attempt_is_not_kept_beside_its_job(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=2)

    queue.finish(Outcome(queue.claim(), True))

    assert attempts(queue, job_id) == []


def test_a_success_at_the_first_attempt_is_kept_once_its_job_begins_anew(queue: Queue) -> None:
    job_id = queue.add()
    queue.finish(Outcome(queue.claim(), True))
    row = queue.row(job_id)

    queue.set_status(job_id, "Pending")
    (kept,) = attempts(queue, job_id)
    queue.finish(Outcome(queue.claim(), True))
    queue.set_status(job_id, "Pending")

    same = ("started_at", "ended_at", "pid")
    assert [kept[name] for name in same] == [row[name] for name in same]
    assert statuses(queue, job_id) == [(1, "Success", None), (2, "Success", None)]


def test_an_attempt_is_kept_with_what_is_known_of_it(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=2)
    run = queue.claim()
    started_at, ended_at = queue.row(job_id)["started_at"], clock.now()

    queue.finish(Outcome(run, False, "no", ended_at=ended_at, cause=Cause("Traceback: here")))

    (row,) = attempts(queue, job_id)
    assert (row["attempt"], row["status"], row["error"]) == (1, "Failed", "no")
    assert (row["node"], row["pid"], row["traceback"]) == (queue.queue.node, 1, "Traceback: here")
    assert (row["started_at"], to_moment(row["ended_at"])) == (started_at, ended_at)


def test_every_later_attempt_is_kept_the_successful_one_too(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=3)
    queue.finish(Outcome(queue.claim(), False, "no"))
    lost = not_completed(queue.claim(), "It is gone.")
    queue.finish(lost)
    queue.finish(Outcome(queue.claim(), True, "done"))

    assert statuses(queue, job_id) == [(1, "Failed", "no"), (2, "Failed", lost.message), (3, "Success", None)]


def test_a_canceled_attempt_is_kept_and_not_twice(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=2)
    outcome = Outcome(queue.claim(), False, "The job was canceled.")
    queue.set_status(job_id, "Canceled")

    refused = [*queue.finish(outcome), *queue.finish(outcome)]

    assert [each.run for each in refused] == [outcome.run, outcome.run]
    assert statuses(queue, job_id) == [(1, "Canceled", "The job was canceled.")]


def test_the_late_end_of_a_closed_run_is_not_kept(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.finish(Outcome(run, False, "closed"))

    queue.finish(Outcome(run, False, "late"))

    assert statuses(queue, job_id) == [(1, "Failed", "closed")]


def test_of_many_ends_each_keeps_its_own(queue: Queue) -> None:
    job_ids = [queue.add() for _ in range(4)]
    runs = queue.start(*queue.candidates())

    queue.finish(*(Outcome(run, number % 2 == 0, f"end {number}") for number, run in enumerate(runs)))

    assert [len(attempts(queue, job_id)) for job_id in job_ids] == [0, 1, 0, 1]


def test_attempts_go_with_their_job(queue: Queue) -> None:
    first, second, third = (queue.add() for _ in range(3))
    queue.finish(*(Outcome(run, False, "no") for run in queue.start(*queue.candidates())))
    jobs = queue.entity_manager.get_repository("Job")

    jobs.delete_from_db(first)
    assert [len(attempts(queue, each)) for each in (first, second, third)] == [0, 1, 1]
    jobs.delete_where({"id": second}, permanently=True)
    assert [len(attempts(queue, each)) for each in (first, second, third)] == [0, 0, 1]


def test_a_job_knows_its_attempts(queue: Queue) -> None:
    job = queue.entity_manager.get_entity("Job", queue.add())
    queue.finish(Outcome(queue.claim(), False, "no"))

    (attempt,) = queue.entity_manager.get_repository("Job").find_related(job, "attempts")
    assert (attempt.get("error"), attempt.get("jobId")) == ("no", job.id)


def test_a_later_attempt_finds_the_state_that_was_stored_last(queue: Queue) -> None:
    queue.add(attemptLimit=2)
    run = queue.claim()
    assert queue.queue.stored_checkpoint(run) is None
    for state in ('{"n":1}', '{"n":2}'):
        queue.queue.store_checkpoint(run, state)

    queue.finish(not_completed(run, "It is gone."))

    assert queue.queue.stored_checkpoint(queue.claim()) == '{"n":2}'


def test_a_run_that_is_over_stores_no_state(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.queue.store_checkpoint(run, '{"n":1}')
    queue.set_status(job_id, "Canceled")

    queue.queue.store_checkpoint(run, '{"n":2}')

    assert queue.row(job_id)["checkpoint"] == '{"n":1}'


@pytest.mark.parametrize("result", [None, '{"rows":3}'])
def test_the_state_goes_with_a_success_and_stays_with_a_failure(queue: Queue, result: str | None) -> None:
    kept = {}
    for is_success in (True, False):
        job_id = queue.add()
        run = queue.claim()
        queue.queue.store_checkpoint(run, '{"n":1}')
        queue.finish(Outcome(run, is_success, result=result))
        kept[is_success] = (queue.row(job_id)["checkpoint"], queue.row(job_id)["result"])

    assert kept == {True: (None, result), False: ('{"n":1}', result)}


def test_a_person_who_retries_keeps_the_state_and_empties_the_result(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.queue.store_checkpoint(run, '{"n":1}')
    queue.finish(Outcome(run, False, "no", result='{"rows":3}'))

    queue.set_status(job_id, "Pending")

    assert (queue.row(job_id)["checkpoint"], queue.row(job_id)["result"]) == ('{"n":1}', None)


def test_a_result_leaves_the_payload_as_it_was(queue: Queue) -> None:
    job_id = queue.add(payload={"a": 1})

    queue.finish(Outcome(queue.claim(), True, result='{"rows":3}'))

    assert (queue.row(job_id)["payload"], queue.row(job_id)["result"]) == ('{"a":1}', '{"rows":3}')


def test_a_person_may_let_a_job_begin_from_the_start(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.queue.store_checkpoint(run, '{"n":1}')
    queue.finish(Outcome(run, False, "no"))
    job = queue.entity_manager.get_entity("Job", job_id)

    job.set({"checkpoint": None, "status": "Pending"})
    queue.entity_manager.save_entity(job)

    assert (queue.row(job_id)["status"], queue.row(job_id)["checkpoint"]) == ("Pending", None)
