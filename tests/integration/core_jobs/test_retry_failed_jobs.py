"""Which failed jobs RetryFailedJobs puts back into the queue, and which it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.application import Application
from core.Entities import Job
from core.exceptions import BadRequest
from core.testing import Installation
from tests.integration.core_jobs.rows import run_job

SOMEBODY = """\
from core.exceptions import Forbidden
from core.Listeners import AbstractListener


class JobEntity(AbstractListener):
    def before_save(self, event):
        job = event.get_argument("entity")
        if job.is_new() or job.get("status") != "Pending":
            return
        if job.get("name") == "Keep me":
            raise Forbidden("This job is kept.")
        if job.get("name") == "Cancel me":
            self._cancel(job.id)

    def _cancel(self, job_id):
        manager = self.get_entity_manager()
        for status in ("Pending", "Canceled"):
            job = manager.get_entity("Job", job_id)
            job.set({"name": "Canceled by somebody", "status": status})
            manager.save_entity(job)
"""


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """With job types that always fail; Stubborn is tried three times."""
    installation.add_job_type("Fail", "raise ValueError('no luck')")
    installation.add_job_type("Other", "raise ValueError('no luck either')")
    installation.add_job_type("Stubborn", "raise ValueError('never')", maxAttempts=3)
    return installation


def fail(application: Application, job_type: str = "Fail", **values: Any) -> Job:
    """A job that has used up its attempts."""
    return run_out(application, run_job(application, job_type, **values))


def run_out(application: Application, job: Job) -> Job:
    """The job as it is when it is not tried any more."""
    job = read(application, job)
    while job.get("status") == "Pending":
        application.container.get("jobManager").run_by_hand(job.id)
        job = read(application, job)
    return job


def read(application: Application, job: Job) -> Job:
    found: Job = application.container.get("entityManager").get_entity("Job", job.id)
    return found


def retry(application: Application, **payload: Any) -> str:
    """The message of a RetryFailedJobs job with this payload."""
    job = run_job(application, "RetryFailedJobs", payload=payload)
    assert job.get("status") == "Success", job.get("message")
    return str(job.get("message"))


def state(application: Application, job: Job) -> str:
    return str(read(application, job).get("status"))


def test_a_failed_job_waits_again_as_if_somebody_had_retried_it(application: Application) -> None:
    job = fail(application)

    assert retry(application) == "Retried: 1."

    found = read(application, job)
    assert (found.get("status"), found.get("message"), found.get("endedAt")) == ("Pending", None, None)
    assert (found.get("attempt"), found.get("attemptLimit")) == (1, 2)


def test_a_job_is_retried_so_often_and_no_more(application: Application) -> None:
    job = fail(application)

    messages = []
    for _ in range(4):
        messages.append(retry(application, maxRetries=2))
        job = run_out(application, job)

    left = "Retried: 0, left, as they were retried 2 times: 1."
    assert messages == ["Retried: 1.", "Retried: 1.", left, left]
    assert (job.get("status"), job.get("attempt")) == ("Failed", 3)


@pytest.mark.parametrize(("attempt", "expected"), [(3, "Pending"), (6, "Pending"), (7, "Failed"), (9, "Failed")])
def test_the_attempts_of_a_type_count_as_one(application: Application, attempt: int, expected: str) -> None:
    job = fail(application, "Stubborn")
    write(application, job, attempt=attempt)

    retry(application, maxRetries=2)

    assert state(application, job) == expected


def test_a_job_that_was_given_up_with_attempts_left_is_left(application: Application) -> None:
    job = fail(application, "Stubborn")
    write(application, job, attempt_limit=9)

    message = retry(application)

    assert state(application, job) == "Failed"
    assert "left, as they were discarded or set aside: 1" in message


def test_by_default_a_job_is_retried_three_times(application: Application) -> None:
    job = fail(application)

    for _ in range(5):
        retry(application)
        run_out(application, job)

    assert read(application, job).get("attempt") == 4


def test_only_the_given_types_are_retried(application: Application) -> None:
    wanted, other = fail(application), fail(application, "Other")

    assert retry(application, types=["Fail"]) == "Retried: 1."
    assert (state(application, wanted), state(application, other)) == ("Pending", "Failed")


def test_a_type_that_does_not_exist_is_named_with_the_near_one(application: Application) -> None:
    assert retry(application, types=["Fial"]) == "Retried: 0.\nThere is no job type 'Fial'. Did you mean 'Fail'?"


@pytest.mark.parametrize(
    ("payload", "hours", "expected"),
    [({}, 23.9, "Pending"), ({}, 24.1, "Failed"), ({"hours": 1}, 0.9, "Pending"), ({"hours": 0.5}, 0.6, "Failed")],
)
def test_only_jobs_that_ended_within_the_hours_are_retried(
    application: Application, payload: dict[str, Any], hours: float, expected: str
) -> None:
    job = fail(application)
    write(application, job, ended_at=clock.now() - timedelta(hours=hours))

    retry(application, **payload)

    assert state(application, job) == expected


def write(application: Application, job: Job, **columns: Any) -> None:
    """Set columns of a job past everything that would refuse it."""
    manager = application.container.get("entityManager")
    table = manager.schema.table("Job")
    with manager.transaction() as connection:
        connection.execute(table.update().where(table.c.id == job.id).values(columns))


def test_jobs_that_ended_otherwise_are_left(application: Application) -> None:
    manager = application.container.get("entityManager")
    canceled = manager.get_entity("Job")
    canceled.set({"name": "Canceled", "type": "Fail", "status": "Canceled"})
    never_started = manager.get_entity("Job")
    never_started.set({"name": "Failed by hand", "type": "Fail", "status": "Failed"})
    manager.save_entities([canceled, never_started])

    assert retry(application) == "Retried: 0."


def test_jobs_of_its_own_type_are_left(application: Application) -> None:
    own = run_job(application, "RetryFailedJobs")
    write(application, own, status="Failed")

    assert retry(application, types=["RetryFailedJobs"]) == "Retried: 0."


def test_a_job_that_somebody_changes_meanwhile_is_left(installation: Installation) -> None:
    installation.add_module("Somebody", {"Listeners/JobEntity.py": SOMEBODY})

    with installation.application() as application:
        changed, other = fail(application, name="Cancel me"), fail(application)

        assert retry(application) == "Retried: 1, left, as somebody changed them: 1."
        assert (state(application, changed), state(application, other)) == ("Canceled", "Pending")


def test_a_veto_keeps_its_job_and_no_other_one(installation: Installation) -> None:
    installation.add_module("Somebody", {"Listeners/JobEntity.py": SOMEBODY})

    with installation.application() as application:
        kept, other = fail(application, name="Keep me"), fail(application)

        assert retry(application) == "Retried: 1, refused, as the log of this job says: 1."
        assert (state(application, kept), state(application, other)) == ("Failed", "Pending")


@pytest.mark.parametrize("payload", [{"type": ["Fail"]}, {"types": "Fail"}, {"hours": 0}, {"maxRetries": 0}], ids=str)
def test_a_payload_that_makes_no_sense_is_refused(application: Application, payload: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="does not fit its type"):
        run_job(application, "RetryFailedJobs", payload=payload)
