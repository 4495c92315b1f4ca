"""What dies, and what happens then: real processes, really killed."""

from __future__ import annotations

import psutil
import pytest

from core.job_queue.process_identity import ProcessIdentity, pid_namespace
from tests.integration.job_manager.manager import DEAF, WAIT, Manager, kill

# A second attempt ends at once.
FIRST_ATTEMPT_WAITS = "import os; reach('here', os.getpid()); job.get('attempt') == 1 and wait_for('end')"


def test_a_killed_worker_fails_its_job_and_is_replaced(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    kill(int(manager.reached(job_id, "here")))
    row = manager.ended(job_id)

    assert row["status"] == "Failed"
    assert row["message"].startswith(f"The Job '{job_id}' was not completed in the previous run.")
    assert "(SIGKILL: by hand, or by the kernel for lack of memory)" in row["message"]
    manager.idle_workers(4)


def test_a_killed_worker_is_retried_while_attempts_are_left(manager: Manager) -> None:
    job_id = manager.begin(FIRST_ATTEMPT_WAITS, "Twice")

    kill(int(manager.reached(job_id, "here")))
    row = manager.ended(job_id)

    assert (row["status"], row["attempt"], row["message"]) == ("Success", 2, None)
    assert "was not completed in the previous run" in (manager.log(job_id) or "")


def test_what_a_killed_worker_had_started_in_its_group_is_ended_too(manager: Manager) -> None:
    job_id = manager.begin(
        "import subprocess; child = subprocess.Popen(['sleep', '600']); reach('here', child.pid); wait_for('end')"
    )
    child = int(manager.reached(job_id, "here"))

    kill(manager.running(job_id)["pid"])

    manager.gone(child)


def test_a_killed_parent_loses_no_running_job_and_is_replaced(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    former = manager.process("worker parent")

    kill(former.pid)
    manager.until(
        lambda: [p for p in manager.processes("worker parent") if p.pid != former.pid], "there is no new parent"
    )
    manager.let(job_id, "end")

    assert manager.ended(job_id)["status"] == "Success"
    assert manager.run()["status"] == "Success"
    manager.idle_workers(4)


@pytest.mark.proof
def test_a_worker_killed_after_its_parent_fails_its_job(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    kill(manager.process("worker parent").pid)
    kill(int(manager.reached(job_id, "here")))
    row = manager.ended(job_id)

    assert row["status"] == "Failed"
    assert "was not completed in the previous run" in row["message"]


def test_a_killed_daemon_loses_no_running_job(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    manager.kill_daemon()
    manager.let(job_id, "end")

    assert manager.ended(job_id)["status"] == "Success"
    manager.until(lambda: not manager.installation.processes(), "the workers and their parent go on")


def test_a_run_that_fails_without_its_daemon_is_tried_again_by_the_next_one(manager: Manager) -> None:
    fails_once = "if job.get('attempt') == 1:\n    reach('here'); wait_for('end'); raise ValueError('no')"
    job_id = manager.begin(fails_once, "Twice")

    manager.kill_daemon()
    manager.let(job_id, "end")
    manager.until(lambda: manager.row(job_id)["status"] == "Pending", "the worker did not write its end")
    manager.start()

    row = manager.ended(job_id)
    assert (row["status"], row["attempt"]) == ("Success", 2)


def test_the_next_daemon_cancels_the_runs_of_the_killed_one(manager: Manager) -> None:
    job_id = manager.begin(DEAF, "Hasty")
    child = manager.reached(job_id, "here")
    manager.kill_daemon()

    manager.start()
    manager.set_status(job_id, "Canceled")

    assert manager.ended(job_id)["status"] == "Canceled"
    manager.gone(child)


@pytest.mark.proof
def test_the_next_daemon_counts_the_runs_of_the_killed_one_against_the_limit(manager: Manager) -> None:
    first = [manager.begin(WAIT) for _ in range(3)]
    manager.kill_daemon()

    manager.start()
    second = [manager.add(WAIT) for _ in range(2)]
    manager.until(lambda: [manager.row(i)["status"] for i in second].count("Running") == 1)
    running = [manager.row(i)["status"] for i in (*first, *second)].count("Running")
    for job_id in (*first, *second):
        manager.let(job_id, "end")

    assert running == 4
    assert {manager.ended(job_id)["status"] for job_id in (*first, *second)} == {"Success"}


def test_the_next_daemon_closes_what_died_with_the_killed_one(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    manager.kill_daemon()
    kill(int(manager.reached(job_id, "here")))
    manager.installation.console("cron")

    row = manager.row(job_id)
    assert (row["status"], row["run_process"]) == ("Failed", None)
    assert row["ended_at"] is not None


def test_cron_does_not_wait_for_a_database_that_somebody_writes_to(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    manager.kill_daemon()
    kill(int(manager.reached(job_id, "here")))

    with manager.entity_manager.transaction():
        manager.installation.console("cron", timeout=15)
        manager.process("job-manager")

    assert manager.ended(job_id)["status"] == "Failed"


def test_after_a_restart_of_the_machine_its_runs_are_closed_or_tried_again(resting_manager: Manager) -> None:
    # Given rows that say what they would say after a power failure
    former = f"00000000-0000-0000-0000-000000000000:{pid_namespace()}:1:1"
    once, twice, waiting = resting_manager.add(), resting_manager.add(job_type="Twice"), resting_manager.add()
    for job_id in (once, twice):
        resting_manager.execute(
            "UPDATE job SET status = 'Running', attempt = 1, pid = 1, run_node = ?, run_process = ?, "
            "started_at = '2026-01-01 00:00:00.000000' WHERE id = ?",
            resting_manager.node,
            former,
            job_id,
        )
    # When
    resting_manager.start()
    # Then
    row = resting_manager.ended(once)
    assert (row["status"], row["attempt"]) == ("Failed", 1)
    assert "The machine was restarted" in row["message"]
    assert (resting_manager.ended(twice)["status"], resting_manager.row(twice)["attempt"]) == ("Success", 2)
    assert resting_manager.ended(waiting)["status"] == "Success"


def test_a_recycled_pid_keeps_no_dead_job_alive_and_is_not_killed(resting_manager: Manager) -> None:
    innocent = psutil.Process()
    alive = ProcessIdentity.current()
    recycled = ProcessIdentity(alive.boot_id, alive.namespace, alive.pid, alive.start_ticks - 1)
    job_id = resting_manager.add()
    resting_manager.execute(
        "UPDATE job SET status = 'Running', attempt = 1, pid = ?, run_node = ?, run_process = ? WHERE id = ?",
        alive.pid,
        resting_manager.node,
        str(recycled),
        job_id,
    )

    resting_manager.installation.console("cron")

    assert resting_manager.row(job_id)["status"] == "Failed"
    assert innocent.is_running()


@pytest.mark.only_sqlite("the columns of others hold numbers only")
@pytest.mark.parametrize(
    ("attempt", "process", "becomes"),
    [("abc", "x", "Success"), (2**63 - 1, "a:1:2:3", "Failed"), (None, "", "Success")],
)
def test_a_held_row_that_makes_no_sense_is_closed_or_tried_again(
    manager: Manager, attempt: object, process: str, becomes: str
) -> None:
    daemon = manager.process("job-manager")
    row = {"attempt": attempt, "attempt_limit": 3, "run_node": manager.node, "run_process": process}
    manager.insert(f"odd {attempt}", status="Running", **row)

    manager.until(lambda: manager.row(f"odd {attempt}")["status"] == becomes)

    assert manager.run()["status"] == "Success"
    assert manager.process("job-manager") == daemon


def test_a_row_that_says_running_though_nobody_runs_it_is_closed(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    resting_manager.execute("UPDATE job SET status = 'Running' WHERE id = ?", job_id)

    resting_manager.installation.console("cron")

    assert resting_manager.row(job_id)["status"] == "Failed"


def test_the_database_being_locked_for_a_while_loses_nothing(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    with manager.locked():
        manager.let(job_id, "end")
        manager.until(lambda: "trying again" in manager.main_log(), "the job manager did not notice")

    assert manager.ended(job_id)["status"] == "Success"
    assert manager.row(job_id)["attempt"] == 1


EXECUTED = "import subprocess; reach('here', subprocess.Popen(['sleep', '604']).pid); wait_for('end')"
FORKED = "import os, time; child = os.fork() or time.sleep(604); reach('here', child); wait_for('end')"


@pytest.mark.parametrize("code", [EXECUTED, FORKED])
def test_what_a_worker_killed_after_its_parent_had_started_is_ended_too(manager: Manager, code: str) -> None:
    job_id = manager.begin(code)
    child = manager.reached(job_id, "here")

    kill(manager.process("worker parent").pid)
    kill(manager.running(job_id)["pid"])

    assert manager.ended(job_id)["status"] == "Failed"
    manager.gone(child)


@pytest.mark.proof
def test_what_a_run_leaves_is_ended_before_the_next_attempt_though_everybody_was_killed(manager: Manager) -> None:
    job_id = manager.begin(f"if job.get('attempt') == 1:\n    {FORKED}", "Twice")
    child = manager.reached(job_id, "here")
    daemon, parent = manager.process("job-manager").pid, manager.process("worker parent").pid
    for pid in (daemon, parent, manager.row(job_id)["pid"]):
        kill(pid)
    manager.gone(daemon)

    manager.start()

    assert (manager.ended(job_id)["status"], manager.row(job_id)["attempt"]) == ("Success", 2)
    manager.gone(child)


@pytest.mark.proof
def test_a_parent_that_does_not_answer_is_replaced_and_hides_no_death(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    former = manager.process("worker parent")
    former.suspend()

    kill(manager.row(job_id)["pid"])

    assert manager.ended(job_id)["status"] == "Failed"
    manager.gone(former.pid)
    assert manager.run()["status"] == "Success"
