"""Mass actions by the real job manager, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

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
    going_on = "SELECT count(*) AS n FROM job WHERE status IN ('Pending', 'Running', 'Awaiting') AND fire_time IS NULL"
    installation.wait_until(
        lambda: installation.query(going_on)[0]["n"] == 0, PATIENCE_SECONDS, "the mass action was not done"
    )
    status = status_of(application, creator)
    assert status["done"]
    return status


#: Whoever is about to save a record for which there is a gate in `data/` waits until somebody comes to it.
GATES = """
from pathlib import Path

from core.Listeners import AbstractListener


class Entity(AbstractListener):
    def before_save(self, event):
        record = event.get_argument("entity")
        part = (record.get("payload") or {}).get("part") if record.entity_type == "Job" else None
        gate = Path("data", f"part-{part}" if part else record.id)
        if gate.exists():
            gate.read_text()
"""


@pytest.fixture
def installation(installation: Installation) -> Installation:
    installation.add_module("Gates", {"Listeners/Entity.py": GATES})
    return installation


def kill_at_gate(installation: Installation, name: str, job_id: str) -> None:
    """Starts the job manager, and ends the process that runs the job with SIGKILL when it is at the gate."""
    gate = installation.data / name
    os.mkfifo(gate)
    installation.start_job_manager()
    with gate.open("w"):
        gate.unlink()
        os.kill(installation.job(job_id)["pid"], signal.SIGKILL)


@pytest.mark.proof
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


@pytest.mark.proof
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
    creator = add_creator(application, action="update", ids=ids, chunkSize=20, params=UPDATE)

    kill_at_gate(installation, "part-5", creator)
    wait_until_done(installation, application, creator)

    made = chunks(application, creator)
    assert installation.job(creator)["attempt"] == 2
    assert [job.get("payload")["part"] for job in made] == list(range(1, 11))
    assert [each for job in made for each in job.get("payload")["ids"]] == ids
    assert {(job.get("status"), job.get("attempt")) for job in made} == {("Success", 1)}
    assert named(application, "New") == 200


@pytest.mark.proof
def test_a_chunk_that_is_killed_half_way_goes_on(installation: Installation, application: Application) -> None:
    ids = add_scraps(application, 150)
    creator = add_creator(application, action="update", ids=ids, params=UPDATE)
    run(application, creator)
    [chunk] = chunks(application, creator)

    kill_at_gate(installation, ids[70], chunk.id)
    status = wait_until_done(installation, application, creator)

    assert installation.job(chunk.id)["attempt"] == 2
    assert (status["errors"], named(application, "New")) == (None, 150)
