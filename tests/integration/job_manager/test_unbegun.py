"""A start that was committed though the connection was lost meanwhile: no worker was told of it."""

from __future__ import annotations

import pytest

from core.job_queue.process_identity import ProcessIdentity
from tests.integration.job_manager.manager import Manager


def held_by_an_idle_worker(manager: Manager, job_id: str, status: str) -> None:
    """What such a row looks like."""
    worker = manager.idle_workers()[0]
    held = {"run_process": str(ProcessIdentity.of(worker.pid)), "run_node": manager.node, "pid": worker.pid}
    manager.insert(
        job_id, name="x", status=status, priority=100.0, deleted=False, attempt=1, attempt_limit=1, payload="{}", **held
    )


def test_a_job_that_was_never_begun_runs_after_all(manager: Manager) -> None:
    held_by_an_idle_worker(manager, "unbegun", "Running")

    row = manager.ended("unbegun")

    assert (row["status"], row["attempt"], row["attempt_limit"]) == ("Success", 2, 2)


@pytest.mark.proof
def test_a_job_that_was_canceled_before_it_was_begun_is_let_go_and_no_worker_is_killed(manager: Manager) -> None:
    workers = {worker.pid for worker in manager.idle_workers()}

    held_by_an_idle_worker(manager, "canceled", "Canceled")

    assert manager.ended("canceled")["status"] == "Canceled"
    assert {worker.pid for worker in manager.idle_workers()} == workers


@pytest.mark.only_sqlite("the query is tried on each database, and the round is the same")
def test_a_job_that_code_has_made_running_is_closed_in_passing(manager: Manager) -> None:
    job_id = manager.add(status="Running")

    row = manager.ended(job_id)

    assert (row["status"], row["message"].endswith("No process was running it.")) == ("Failed", True)
    assert manager.process("job-manager")  # it was at work all the time
