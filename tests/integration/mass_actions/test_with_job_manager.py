"""Mass actions by the real job manager, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from core.application import Application
from core.testing import Installation
from tests.integration.mass_actions.scraps import (
    add_creator,
    add_scraps,
    chunks,
    named,
    run,
    scraps,
    set_status,
    status_of,
)

PATIENCE_SECONDS = 60
UPDATE = {"additionalJobData": {"input": {"name": "New"}}}


def wait_until_done(installation: Installation, application: Application, creator: str) -> dict[str, Any]:
    """What is told of the mass action when it is done."""
    going_on = "SELECT count(*) AS n FROM job WHERE status IN ('Pending', 'Running', 'Awaiting')"
    installation.wait_until(
        lambda: installation.query(going_on)[0]["n"] == 0, PATIENCE_SECONDS, "the mass action was not done"
    )
    status = status_of(application, creator)
    assert status["done"]
    return status


def kill_when(installation: Installation, job_id: str, is_time: Callable[[], Any]) -> None:
    """SIGKILL to the process that runs the job, as soon as it is time; not if the job is over by then."""

    def pid() -> int | None:
        row = installation.job(job_id)
        if row["status"] in ("Success", "Failed"):
            return -1
        return row["pid"] if row["status"] == "Running" and is_time() else None

    found = installation.wait_until(pid, PATIENCE_SECONDS, "it was never time to kill")
    assert found > 0, "the job was over before it could be killed"
    os.kill(found, signal.SIGKILL)


def test_a_thousand_records_are_changed_in_three_chunks(installation: Installation, application: Application) -> None:
    add_scraps(application, 1000)
    creator = scraps(application).mass_update({"name": "New"}, {"where": []})["jobId"]

    installation.start_job_manager()
    status = wait_until_done(installation, application, creator)

    message = "Records: 1000, updated: 1000, unchanged: 0, failed: 0"
    assert status == {"done": True, "errors": None, "message": message}
    assert named(application, "New") == 1000
    assert [job.get("name") for job in chunks(application, creator)] == [
        f"Mass update on Entity 'Scrap' ({part} out of 3)" for part in (1, 2, 3)
    ]


def test_it_is_done_though_a_chunk_was_canceled(installation: Installation, application: Application) -> None:
    ids = add_scraps(application, 250)
    creator = add_creator(application, action="update", ids=ids, chunkSize=100, params=UPDATE)
    run(application, creator)
    set_status(application, chunks(application, creator)[1].id, "Canceled")

    installation.start_job_manager()
    status = wait_until_done(installation, application, creator)

    assert status["errors"] == "Mass update on Entity 'Scrap' (2 out of 3): canceled"
    assert status["message"] == "Records: 150, updated: 150, unchanged: 0, failed: 0"
    assert named(application, "New") == 150


def test_a_creator_that_is_killed_half_way_begins_anew(installation: Installation, application: Application) -> None:
    ids = add_scraps(application, 200)
    creator = add_creator(application, action="update", ids=ids, chunkSize=2, params=UPDATE)

    def has_begun() -> int:
        statement = "SELECT count(*) AS n FROM job WHERE creator_id = ? AND status = 'Awaiting'"
        return int(installation.query(statement, creator)[0]["n"])

    installation.start_job_manager()
    kill_when(installation, creator, has_begun)
    wait_until_done(installation, application, creator)

    made = chunks(application, creator)
    assert installation.job(creator)["attempt"] == 2
    assert [job.get("payload")["part"] for job in made] == list(range(1, 101))
    assert [each for job in made for each in job.get("payload")["ids"]] == ids
    assert {(job.get("status"), job.get("attempt")) for job in made} == {("Success", 1)}
    assert named(application, "New") == 200


def test_a_chunk_that_is_killed_half_way_goes_on(installation: Installation, application: Application) -> None:
    ids = add_scraps(application, 150)
    creator = add_creator(application, action="update", ids=ids, params=UPDATE)
    run(application, creator)
    [chunk] = chunks(application, creator)

    installation.start_job_manager()
    kill_when(installation, chunk.id, lambda: named(application, "New"))
    status = wait_until_done(installation, application, creator)

    assert installation.job(chunk.id)["attempt"] == 2
    assert (status["errors"], named(application, "New")) == (None, 150)
