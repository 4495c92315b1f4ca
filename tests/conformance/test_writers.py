"""Ordinary writers beside a job manager that commits as fast as it can."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from core import clock
from core.application import Application
from core.testing import Installation
from tests.databases import MARIADB, POSTGRESQL, SQLITE

WRITERS = 6
SAVES_EACH = 25
JOBS = 1_500


@pytest.fixture(params=[SQLITE, POSTGRESQL, MARIADB])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers have no turns that a writer could wait for in vain."""
    return str(request.param)


@pytest.mark.proof
def test_six_writers_beside_a_full_drain_wait_no_second(installation: Installation) -> None:
    installation.add_job_type("Nothing", "pass")
    installation.write_config(maxConcurrentWorkers=4)
    _enqueue(installation.root)
    installation.start_job_manager()

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["core.application"])
    with context.Pool(WRITERS) as pool:
        longest = pool.map(_longest_wait, [installation.root] * WRITERS, chunksize=1)

    assert max(longest) < 1
    installation.wait_until(lambda: _unfinished(installation) == 0, 60, "the queue was not drained")


def _enqueue(root: Path) -> None:
    with Application(root) as application:
        entity_manager = application.container.get("entityManager")
        jobs = [entity_manager.get_entity("Job") for _ in range(JOBS)]
        for job in jobs:
            job.set({"name": "x", "type": "Nothing"})
        entity_manager.save_entities(jobs)


def _longest_wait(root: Path) -> float:
    """Seconds of the longest of some saves."""
    longest = 0.0
    with Application(root) as application:
        entity_manager = application.container.get("entityManager")
        entity_manager.get_repository("User").count()
        for number in range(SAVES_EACH):
            user = entity_manager.get_entity("User")
            user.set({"name": "x", "userName": f"{multiprocessing.current_process().pid}-{number}"})
            began = clock.monotonic()
            entity_manager.save_entity(user)
            longest = max(longest, clock.monotonic() - began)
    return longest


def _unfinished(installation: Installation) -> int:
    (row,) = installation.query("SELECT count(*) AS many FROM job WHERE status <> 'Success' AND fire_time IS NULL")
    return int(row["many"])
