"""Cancel, time-outs and retries."""

from __future__ import annotations

import os
import signal

import pytest

from core import clock
from core.exceptions import BadRequest
from tests.integration.job_manager.manager import DEAF, WAIT, Manager

COOPERATIVE = "reach('here')\nwhile not job.is_canceled(): time.sleep(0.02)\nreach('saw it')"
DEAF_IN_PYTHON = (
    "import time; reach('here')\n"
    "try:\n    time.sleep(60)\nexcept BaseException as error:\n    reach('got', type(error).__name__); raise"
)


def test_a_pending_job_that_is_canceled_never_runs(manager: Manager) -> None:
    gates = [manager.begin(WAIT) for _ in range(4)]
    job_id = manager.add("reach('ran')")

    manager.set_status(job_id, "Canceled")
    for gate in gates:
        manager.let(gate, "end")
    manager.ended(gates[-1])

    row = manager.row(job_id)
    assert (row["status"], row["attempt"], row["started_at"]) == ("Canceled", 0, None)
    assert row["ended_at"] is not None


def test_a_cooperative_job_ends_at_once(manager: Manager) -> None:
    job_id = manager.begin("import time\n" + COOPERATIVE)

    manager.set_status(job_id, "Canceled")
    manager.reached(job_id, "saw it")
    row = manager.ended(job_id)

    assert (row["status"], row["message"]) == ("Canceled", None)
    assert row["pid"] is not None
    assert row["ended_at"] is not None


def test_a_job_that_does_not_look_gets_an_exception_at_half_of_the_grace_period(manager: Manager) -> None:
    job_id = manager.begin(DEAF_IN_PYTHON, "Calm")

    manager.set_status(job_id, "Canceled")

    assert manager.reached(job_id, "got") == "JobCanceled"
    assert manager.ended(job_id)["status"] == "Canceled"


def test_a_deaf_job_is_killed_with_its_children_at_the_end_of_the_grace_period(manager: Manager) -> None:
    job_id = manager.begin(DEAF, "Hasty")
    child, pid = manager.reached(job_id, "here"), manager.row(job_id)["pid"]

    manager.set_status(job_id, "Canceled")
    row = manager.ended(job_id)

    manager.gone(child, pid)
    assert (row["status"], row["pid"]) == ("Canceled", pid)


def test_a_deaf_job_that_left_its_process_group_is_killed_too(manager: Manager) -> None:
    job_id = manager.begin("import os; os.setpgid(0, os.getppid())\n" + DEAF, "Hasty")
    child, pid = manager.reached(job_id, "here"), manager.row(job_id)["pid"]

    manager.set_status(job_id, "Canceled")

    manager.gone(pid)
    os.kill(int(child), signal.SIGKILL)
    assert manager.ended(job_id)["status"] == "Canceled"


def test_a_cancel_needs_no_database_lock_to_kill(manager: Manager) -> None:
    job_id = manager.begin(DEAF, "Hasty")
    pid = manager.row(job_id)["pid"]
    manager.set_status(job_id, "Canceled")

    with manager.entity_manager.transaction() as connection:
        if manager.installation.is_on_server:
            connection.exec_driver_sql("SELECT id FROM job FOR UPDATE")
        manager.gone(pid)
        held = manager.row(job_id)["run_process"]

    assert held is not None
    assert manager.ended(job_id)["status"] == "Canceled"


def test_a_stranger_that_locks_the_database_does_not_stop_the_loop(manager: Manager) -> None:
    deaf, other = manager.begin(DEAF, "Hasty"), manager.begin(WAIT)
    pid = manager.row(deaf)["pid"]
    manager.set_status(deaf, "Canceled")
    canceled_at = clock.monotonic()

    with manager.locked():
        manager.let(other, "end")  # now there is an end to write, and no lock to be had
        manager.gone(pid)
        took = clock.monotonic() - canceled_at

    assert took < 4
    assert manager.ended(deaf)["status"] == "Canceled"
    assert manager.ended(other)["status"] == "Success"


def test_a_retried_job_starts_when_its_canceled_run_ends_and_not_at_the_next_poll(manager: Manager) -> None:
    for _ in range(
        2
    ):  # the first one ends soon after a poll, so that the second would wait for almost all of five seconds
        job_id = manager.begin("job.get('attempt') == 1 and (reach('here'), wait_for('end'))")
        manager.set_status(job_id, "Canceled")
        manager.set_status(job_id, "Pending")
        manager.until(lambda job_id=job_id: manager.row(job_id)["status"] == "Pending")
        ended_at = clock.monotonic()
        manager.let(job_id, "end")
        manager.until(lambda job_id=job_id: manager.row(job_id)["status"] == "Success")

    assert clock.monotonic() - ended_at < 3


def test_a_job_that_is_canceled_and_retried_at_once_does_not_run_twice_at_one_time(manager: Manager) -> None:
    job_id = manager.begin(
        "import os, time; n = job.get('attempt'); reach('here', n); reach(f'begin {n}', time.monotonic())\n"
        "time.sleep(0.4)\nreach(f'end {n}', time.monotonic())"
    )

    manager.set_status(job_id, "Canceled")
    manager.set_status(job_id, "Pending")
    row = manager.ended(job_id)

    assert (row["status"], row["attempt"]) == ("Success", 2)
    assert float(manager.reached(job_id, "end 1")) <= float(manager.reached(job_id, "begin 2"))


def test_the_end_of_a_canceled_run_is_refused(manager: Manager) -> None:
    job_id = manager.begin("reach('here'); wait_for('end'); job.set('message', 'too late')")

    manager.set_status(job_id, "Canceled")
    manager.let(job_id, "end")
    row = manager.ended(job_id)

    assert (row["status"], row["message"]) == ("Canceled", None)


def test_a_job_over_its_timeout_gets_an_exception_and_fails(manager: Manager) -> None:
    row = manager.run("import time; time.sleep(60)", "Limited")

    assert (row["status"], row["message"]) == ("Failed", "The job ran into its timeout of 0.3 s.")


def test_a_deaf_job_over_its_timeout_is_killed(manager: Manager) -> None:
    row = manager.run(DEAF, "LimitedHasty")

    assert row["status"] == "Failed"
    assert row["message"].startswith(f"The Job '{row['id']}' was not completed in the previous run.")
    assert "timeout of 0.3 s" in row["message"]


def test_a_failed_job_is_tried_again_while_attempts_are_left(manager: Manager) -> None:
    row = manager.run("print('attempt', job.get('attempt')); raise ValueError('no')", "Twice")

    assert (row["status"], row["attempt"], row["message"]) == ("Failed", 2, "no")
    log = manager.log(row["id"]) or ""
    assert "attempt 1" in log
    assert "attempt 2" in log


def test_a_persons_retry_grants_further_attempts(manager: Manager) -> None:
    row = manager.run("raise ValueError('no')", "Twice")

    manager.set_status(row["id"], "Pending")
    manager.until(lambda: manager.row(row["id"])["attempt"] == 4)

    assert manager.ended(row["id"])["attempt_limit"] == 4


def test_a_running_job_cannot_be_removed(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    job = manager.entity_manager.get_entity("Job", job_id)

    with pytest.raises(BadRequest, match=r"A running job cannot be removed\."):
        manager.entity_manager.remove_entity(job)

    manager.let(job_id, "end")
    assert manager.ended(job_id)["status"] == "Success"
