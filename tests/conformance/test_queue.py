"""What every database must do for the queue: order, guards, fencing."""

from __future__ import annotations

import re

import pytest

from core import clock
from core.exceptions import BadRequest
from core.job_queue.run import Outcome, not_completed
from tests.conformance.conftest import Queue

FUTURE = "2999-01-01 00:00:00"


def test_the_order_is_priority_then_execute_time_then_id(queue: Queue) -> None:
    late = queue.add(priority=100, executeTime="2026-01-02 00:00:00")
    low = queue.add(priority=1.5, executeTime="2020-01-01 00:00:00")
    high = queue.add(priority=300, executeTime="2026-01-03 00:00:00")
    first, second = (queue.add(priority=100, executeTime="2026-01-01 00:00:00") for _ in range(2))

    assert [each.job_id for each in queue.candidates()] == [high, first, second, late, low]


def test_future_jobs_of_higher_priority_are_stepped_over(queue: Queue) -> None:
    for priority in (500, 400, 300):
        queue.add(priority=priority, executeTime=FUTURE)
    due = queue.add(priority=-7)

    assert [each.job_id for each in queue.candidates()] == [due]


@pytest.mark.parametrize("status", ["Canceled", "Awaiting"])
def test_only_pending_jobs_are_candidates(queue: Queue, status: str) -> None:
    queue.add(status=status)

    assert queue.candidates() == []


def test_removed_jobs_are_no_candidates(queue: Queue) -> None:
    job_id = queue.add()
    queue.entity_manager.remove_entity(queue.entity_manager.get_entity("Job", job_id))

    assert queue.candidates() == []


def test_the_next_due_moment_is_the_earliest_in_the_future(queue: Queue) -> None:
    queue.add(priority=500, executeTime="2998-01-01 00:00:00")
    queue.add(executeTime="2997-01-01 00:00:00")
    queue.add()

    with queue.database.read() as connection:
        assert queue.queue.next_due_at(connection).isoformat() == "2997-01-01T00:00:00+00:00"  # type: ignore[union-attr]  # there is one


def test_two_claimers_never_get_the_same_row(queue: Queue) -> None:
    for _ in range(5):
        queue.add()
    seen_by_both = queue.candidates()

    first = queue.start(*seen_by_both[:3], process="boot:1:1:1")
    second = queue.start(*seen_by_both, process="boot:1:2:2")

    assert [run.job_id for run in first] == [each.job_id for each in seen_by_both[:3]]
    assert [run.job_id for run in second] == [each.job_id for each in seen_by_both[3:]]


def test_a_job_that_was_canceled_since_it_was_read_is_not_started(queue: Queue) -> None:
    kept, canceled = queue.add(), queue.add()
    candidates = queue.candidates()
    queue.set_status(canceled, "Canceled")

    assert [run.job_id for run in queue.start(*candidates)] == [kept]
    assert queue.row(canceled)["status"] == "Canceled"


def test_a_job_that_was_changed_since_it_was_read_is_read_again_first(queue: Queue) -> None:
    job_id = queue.add(payload={"n": 1})
    stale = queue.candidates()
    job = queue.entity_manager.get_entity("Job", job_id)
    job.set("payload", {"n": 2})
    queue.entity_manager.save_entity(job)

    assert queue.start(*stale) == []
    assert queue.candidates()[0].row["payload"] == '{"n":2}'


def test_a_start_is_written_whole(queue: Queue) -> None:
    job_id = queue.add()

    run = queue.claim("boot:1:77:5")

    row = queue.row(job_id)
    assert (row["status"], row["attempt"], row["pid"]) == ("Running", 1, 1)
    assert (row["run_process"], row["run_node"]) == ("boot:1:77:5", queue.queue.node)
    assert (run.attempt, run.attempt_limit) == (1, 1)
    assert row["started_at"] is not None


@pytest.mark.parametrize(("is_success", "status"), [(True, "Success"), (False, "Failed")])
def test_an_end_is_written_and_lets_the_row_go(queue: Queue, is_success: bool, status: str) -> None:
    job_id = queue.add()

    refused = queue.finish(Outcome(queue.claim(), is_success, "done", '{"a":1}'))

    row = queue.row(job_id)
    assert refused == []
    assert (row["status"], row["message"], row["payload"]) == (status, "done", '{"a":1}')
    assert (row["run_process"], row["run_node"]) == (None, None)
    assert row["ended_at"] is not None


def test_an_end_that_comes_twice_is_refused_the_second_time(queue: Queue) -> None:
    job_id = queue.add()
    outcome = Outcome(queue.claim(), True)

    assert queue.finish(outcome) == []
    first = queue.row(job_id)
    assert queue.finish(Outcome(outcome.run, False, "late")) == [Outcome(outcome.run, False, "late")]
    assert queue.row(job_id) == first


def test_of_many_ends_only_the_late_ones_are_refused(queue: Queue) -> None:
    for _ in range(3):
        queue.add()
    runs = queue.start(*queue.candidates())
    queue.set_status(runs[1].job_id, "Canceled")

    refused = queue.finish(*(Outcome(run, True) for run in runs))

    assert [outcome.run for outcome in refused] == [runs[1]]
    assert [queue.row(run.job_id)["status"] for run in runs] == ["Success", "Canceled", "Success"]
    assert {queue.row(run.job_id)["run_process"] for run in runs} == {None}


def test_a_canceled_run_keeps_its_row_until_it_is_over(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.set_status(job_id, "Canceled")
    before = queue.row(job_id)

    queue.finish(Outcome(run, True, "too late"))

    after = queue.row(job_id)
    assert (before["run_process"], before["ended_at"]) == (run.process, None)
    assert (after["status"], after["message"], after["run_process"]) == ("Canceled", None, None)
    assert after["ended_at"] is not None


def test_a_job_that_was_canceled_and_retried_waits_for_its_former_run(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.set_status(job_id, "Canceled")
    queue.set_status(job_id, "Pending")

    assert queue.candidates() == []
    queue.finish(Outcome(run, True))
    assert (queue.row(job_id)["status"], queue.row(job_id)["ended_at"]) == ("Pending", None)
    assert queue.claim().attempt == 2


def test_the_late_end_of_a_former_attempt_changes_nothing(queue: Queue) -> None:
    job_id = queue.add()
    former = queue.claim("boot:1:1:1")
    queue.finish(not_completed(former, "It is gone."))
    queue.set_status(job_id, "Pending")
    queue.claim("boot:1:2:2")
    running = queue.row(job_id)

    assert len(queue.finish(Outcome(former, True, "I am back"))) == 1
    assert queue.row(job_id) == running


def test_a_failed_run_with_attempts_left_is_pending_again(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=2)
    queue.finish(Outcome(queue.claim(), False, "no"))

    row = queue.row(job_id)
    assert (row["status"], row["attempt"], row["message"], row["pid"]) == ("Pending", 1, None, None)
    queue.finish(Outcome(queue.claim(), False, "no again"))
    assert (queue.row(job_id)["status"], queue.row(job_id)["message"]) == ("Failed", "no again")


def test_the_runs_of_a_node_are_found_by_who_holds_them(queue: Queue) -> None:
    queue.add()
    queue.add()
    run = queue.claim()
    queue.set_status(run.job_id, "Canceled")

    with queue.database.read() as connection:
        (held,) = queue.queue.held_runs(connection)
        assert queue.queue.interrupted(connection) == {(run.job_id, 1)}
    assert (held.run.key, held.run.process, held.status) == (run.key, run.process, "Canceled")


def test_by_hand_an_ended_job_is_started_once(queue: Queue) -> None:
    queue.add()
    run = queue.claim()
    queue.finish(Outcome(run, True))
    again = queue.candidates()
    by_hand = type(run)(run.job_id, 2, 2, "boot:1:9:9", 9)

    with queue.database.write() as connection:
        assert queue.queue.start_by_hand(connection, by_hand, None)
        assert not queue.queue.start_by_hand(connection, by_hand, None)
    assert again == []
    assert queue.row(run.job_id)["status"] == "Running"


def test_a_person_changes_what_the_row_is_now_not_what_she_read(queue: Queue) -> None:
    queue.add()
    stale = queue.entity_manager.get_entity("Job", queue.candidates()[0].job_id)
    queue.finish(Outcome(queue.claim(), True))

    stale.set("status", "Canceled")
    with pytest.raises(BadRequest, match="It is impossible to change the status from 'Success' to 'Canceled'"):
        queue.entity_manager.save_entity(stale)


def test_the_claim_reads_its_index_only(queue: Queue) -> None:
    queue.add()
    statements = queue.queue._statements

    plans = [
        queue.plan_of(statements.highest_priority),
        queue.plan_of(statements.next_priority, ceiling=100.0),
        queue.plan_of(statements.due, at_priority=100.0, now=clock.now(), most=10),
    ]

    for plan in plans:
        assert "IDX_JOB_CLAIM" in plan
        assert not re.search("TEMP B-TREE|filesort|Sort", plan)


def test_rows_that_say_running_though_nobody_holds_them_are_closed(queue: Queue) -> None:
    held, adrift = queue.add(priority=200), queue.add()
    queue.claim()
    queue.installation.execute("UPDATE job SET status = 'Running', attempt = NULL WHERE id = ?", adrift)
    with queue.database.write() as connection:
        assert queue.queue.has_adrift(connection)
        assert queue.queue.close_adrift(connection) == [adrift]
        assert not queue.queue.has_adrift(connection)

    row = queue.row(adrift)
    assert (row["status"], queue.row(held)["status"]) == ("Failed", "Running")
    assert row["message"].startswith(f"The Job '{adrift}' was not completed in the previous run.")
    assert row["ended_at"] is not None


def test_a_run_is_interrupted_when_it_was_canceled_or_is_no_longer_the_current_one(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    assert not queue.queue.is_interrupted(run)

    queue.set_status(job_id, "Canceled")
    assert queue.queue.is_interrupted(run)
    queue.finish(Outcome(run, True))
    queue.set_status(job_id, "Pending")
    queue.claim()

    assert queue.queue.is_interrupted(run)


def test_the_progress_of_a_run_that_is_over_is_not_written(queue: Queue) -> None:
    job_id = queue.add()
    run = queue.claim()
    queue.queue.report_progress(run, '{"done":1}')
    queue.set_status(job_id, "Canceled")

    queue.queue.report_progress(run, '{"done":2}')

    assert queue.row(job_id)["progress"] == '{"done":1}'
