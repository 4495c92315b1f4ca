"""What becomes of a run that failed, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from core import clock
from core.job_queue.run import Cause, Outcome, Run, not_completed
from core.orm.column_types import to_moment
from core.testing import Installation
from tests.conformance.conftest import Queue
from tests.databases import MARIADB, POSTGRESQL, SQLITE

JOB_TYPES: dict[str, dict[str, Any]] = {
    "Patient": {"maxAttempts": 3, "backoff": [60, 600]},
    "Odd": {"maxAttempts": 2, "backoff": "soon"},
    "Fragile": {"maxAttempts": 5, "poisonLimit": 2},
}


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.fixture
def queue(installation: Installation) -> Iterator[Queue]:
    """An empty queue, and job types that say what becomes of failed runs."""
    installation.add_module("Retries", {"Resources/metadata/app/jobTypes.json": JOB_TYPES})
    with installation.application() as application:
        yield Queue(installation, application.container)


def fail(run: Run, ended_at: datetime | None = None, **values: Any) -> Outcome:
    return Outcome(run, False, "no", ended_at=ended_at or clock.now(), **values)


def execute_time(queue: Queue, job_id: str) -> datetime:
    return to_moment(queue.row(job_id)["execute_time"])


def make_due(queue: Queue, job_id: str) -> None:
    queue.installation.execute("UPDATE job SET execute_time = '2020-01-01 00:00:00.000000' WHERE id = ?", job_id)


def test_the_next_attempt_waits_from_the_end_of_the_former_one(queue: Queue) -> None:
    job_id = queue.add(type="Patient")
    ended_at = clock.now()

    queue.finish(fail(queue.claim(), ended_at))
    assert (queue.row(job_id)["status"], queue.candidates()) == ("Pending", [])
    assert execute_time(queue, job_id) == ended_at + timedelta(seconds=60)

    make_due(queue, job_id)
    queue.finish(fail(queue.claim(), ended_at))
    assert execute_time(queue, job_id) == ended_at + timedelta(seconds=600)


def test_the_last_attempt_is_no_reason_to_wait(queue: Queue) -> None:
    job_id = queue.add(type="Patient", attemptLimit=1)
    before = execute_time(queue, job_id)

    queue.finish(fail(queue.claim()))

    assert (queue.row(job_id)["status"], execute_time(queue, job_id)) == ("Failed", before)


@pytest.mark.parametrize("job_type", ["NoSuchType", "Odd"])
def test_without_a_backoff_that_can_be_read_a_job_keeps_its_place_in_the_queue(queue: Queue, job_type: str) -> None:
    job_id = queue.add(type=job_type, attemptLimit=2, executeTime="2020-01-01 00:00:00")

    queue.finish(fail(queue.claim()))

    assert execute_time(queue, job_id).isoformat() == "2020-01-01T00:00:00+00:00"
    assert queue.claim().attempt == 2


@pytest.mark.parametrize("job_type", ["NoSuchType", "Patient"])
def test_a_job_may_say_itself_when_it_is_tried_again(queue: Queue, job_type: str) -> None:
    job_id = queue.add(type=job_type, attemptLimit=2)
    ended_at = clock.now()

    queue.finish(fail(queue.claim(), ended_at, cause=Cause(retry_in_seconds=7.5)))

    assert queue.row(job_id)["status"] == "Pending"
    assert execute_time(queue, job_id) == ended_at + timedelta(seconds=7.5)


def test_without_attempts_left_asking_for_another_one_is_a_failure(queue: Queue) -> None:
    job_id = queue.add()

    queue.finish(fail(queue.claim(), cause=Cause(retry_in_seconds=7.5)))

    assert (queue.row(job_id)["status"], queue.row(job_id)["message"]) == ("Failed", "no")


def test_a_discarded_job_is_failed_whatever_attempts_are_left(queue: Queue) -> None:
    job_id = queue.add(type="Patient")

    queue.finish(fail(queue.claim(), cause=Cause(is_discarded=True)))

    assert (queue.row(job_id)["status"], queue.row(job_id)["attempt"]) == ("Failed", 1)
    assert queue.row(job_id)["ended_at"] is not None


def test_a_canceled_run_with_a_backoff_stays_canceled(queue: Queue) -> None:
    job_id = queue.add(type="Patient")
    run = queue.claim()
    queue.set_status(job_id, "Canceled")

    assert len(queue.finish(fail(run))) == 1
    assert (queue.row(job_id)["status"], queue.row(job_id)["run_process"]) == ("Canceled", None)


def test_a_verdict_says_what_will_be_written(queue: Queue) -> None:
    queue.add(type="Patient")
    run = queue.claim()
    ended_at = clock.now()

    with queue.database.write() as connection:
        (judged,) = queue.queue.judge(connection, [fail(run, ended_at)])
        assert queue.queue.judge(connection, [judged]) == [judged]

    assert judged.status == "Pending"
    assert judged.when_again == f" at {clock.to_iso(ended_at + timedelta(seconds=60))}"


def crash(run: Run) -> Outcome:
    return not_completed(run, "It was killed.", is_crash=True)


def crashed(queue: Queue, job_id: str, times: int) -> dict[str, Any]:
    """The row after so many crashes."""
    for _ in range(times):
        queue.finish(crash(queue.claim()))
    return queue.row(job_id)


@pytest.mark.parametrize(("job_type", "limit"), [("NoSuchType", 3), ("Fragile", 2)])
def test_a_job_of_which_too_many_processes_died_is_set_aside(queue: Queue, job_type: str, limit: int) -> None:
    job_id = queue.add(type=job_type, attemptLimit=10)

    assert crashed(queue, job_id, limit - 1)["status"] == "Pending"
    row = crashed(queue, job_id, 1)

    assert (row["status"], row["attempt"], row["ended_at"] is None) == ("Failed", limit, False)
    assert row["message"].startswith(f"The job was set aside after {limit} crashes, though attempts are left.")
    assert row["message"].endswith("It was killed.")


def test_only_crashes_count(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=10)

    for _ in range(2):
        queue.finish(crash(queue.claim()))
        queue.finish(fail(queue.claim()))
        queue.finish(not_completed(queue.claim(), "The machine was restarted meanwhile."))

    assert (queue.row(job_id)["status"], queue.row(job_id)["crashes"]) == ("Pending", 2)


def test_without_attempts_left_a_crash_is_told_as_it_was(queue: Queue) -> None:
    job_id = queue.add(attemptLimit=3)

    assert crashed(queue, job_id, 3)["message"] == crash(Run(job_id, 3, 3, "", 0)).message


def test_after_a_retry_the_crashes_are_counted_anew(queue: Queue) -> None:
    job_id = queue.add(type="Fragile")
    assert crashed(queue, job_id, 2)["status"] == "Failed"

    queue.set_status(job_id, "Pending")

    assert crashed(queue, job_id, 1)["status"] == "Pending"
    assert crashed(queue, job_id, 1)["status"] == "Failed"


def test_a_retry_from_a_stale_copy_goes_by_what_the_job_is_now(queue: Queue) -> None:
    job_id = queue.add(type="Fragile", status="Awaiting")
    queue.set_status(job_id, "Pending")
    queue.set_status(job_id, "Failed")
    stale = queue.entity_manager.get_entity("Job", job_id)
    queue.set_status(job_id, "Pending")
    assert crashed(queue, job_id, 2)["status"] == "Failed"

    stale.set("status", "Pending")
    queue.entity_manager.save_entity(stale)

    row = queue.row(job_id)
    assert (row["status"], row["attempt"], row["attempt_limit"]) == ("Pending", 2, 7)
    assert {name: row[name] for name in ("pid", "started_at", "ended_at", "message", "crashes")} == dict.fromkeys(
        ("pid", "started_at", "ended_at", "message", "crashes")
    )
