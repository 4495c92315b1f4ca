"""What the job manager reads ahead, and when it looks again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.job_manager import claim_buffer
from core.job_manager.claim_buffer import ClaimBuffer
from core.testing import Installation


class Jobs:
    """A buffer, and the jobs that it reads."""

    def __init__(self, container: Any) -> None:
        self._entity_manager = container.get("entityManager")
        self.buffer = ClaimBuffer(container.get("connection"), container.get("jobQueue"))

    def add(self, **values: Any) -> str:
        """Saves a job of which the buffer is not told."""
        job = self._entity_manager.get_entity("Job")
        job.set({"name": "x", "type": "NoSuchType", **values})
        self._entity_manager.save_entity(job)
        return str(job.id)

    def take(self, most: int = 10) -> list[str]:
        """The ids of what the buffer gives."""
        return [candidate.job_id for candidate in self.buffer.take(most)]


@pytest.fixture
def jobs(installation: Installation) -> Iterator[Jobs]:
    """A buffer that has read nothing yet."""
    with installation.application() as application:
        yield Jobs(application.container)


def test_jobs_are_taken_in_order_and_once(jobs: Jobs) -> None:
    low, high = jobs.add(priority=1), jobs.add(priority=2)

    assert jobs.take(1) == [high]
    assert jobs.take(1) == [low]


def test_who_takes_nothing_reads_nothing(jobs: Jobs) -> None:
    job_id = jobs.add()

    assert jobs.take(0) == []
    assert jobs.take() == [job_id]


def test_where_nothing_was_due_it_looks_again_only_when_it_is_told(jobs: Jobs) -> None:
    assert jobs.take() == []
    job_id = jobs.add()

    assert jobs.take() == []
    assert not jobs.buffer.may_have_work
    jobs.buffer.announce()
    assert jobs.take() == [job_id]


def test_there_is_a_rest_once_all_that_were_due_are_taken(jobs: Jobs) -> None:
    jobs.add(), jobs.add()

    assert len(jobs.take(1)) == 1
    assert jobs.buffer.rest_seconds == 0
    assert len(jobs.take(1)) == 1
    assert 0 < jobs.buffer.rest_seconds <= 0.001


def test_there_is_no_rest_where_more_may_be_due_than_it_reads_at_once(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_buffer, "_SIZE", 2)
    for _ in range(3):
        jobs.add()

    assert len(jobs.take(2)) == 2
    assert jobs.buffer.rest_seconds == 0


def test_there_is_no_rest_after_an_announcement(jobs: Jobs) -> None:
    jobs.add()
    jobs.take()

    jobs.buffer.announce()

    assert jobs.buffer.rest_seconds == 0


def test_what_was_read_ahead_is_dropped_at_an_announcement(jobs: Jobs) -> None:
    ordinary = [jobs.add() for _ in range(2)]
    assert jobs.take(1) == ordinary[:1]
    urgent = jobs.add(priority=1000)

    jobs.buffer.announce()

    assert jobs.take(1) == [urgent]


def test_it_knows_when_the_next_job_becomes_due(jobs: Jobs) -> None:
    jobs.add(executeTime=clock.now() + timedelta(hours=1), priority=1000)
    assert jobs.take() == []

    seconds = jobs.buffer.seconds_to_next()

    assert seconds is not None
    assert 3500 < seconds <= 3600


def test_a_job_that_has_become_due_is_read_without_an_announcement(jobs: Jobs) -> None:
    job_id = jobs.add(executeTime=clock.now() + timedelta(seconds=4))
    assert jobs.take() == []

    Installation.wait_until(lambda: jobs.buffer.seconds_to_next() == 0, 10)

    assert jobs.take() == [job_id]
    assert jobs.buffer.seconds_to_next() is None
