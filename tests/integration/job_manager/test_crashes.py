"""What dies, and what happens then: real processes, really killed."""

from __future__ import annotations

import psutil
import pytest

from core.job_queue.process_identity import ProcessIdentity, pid_namespace
from tests.integration.job_manager.manager import DEAF, WAIT, Manager, kill

# A second attempt ends at once.
FIRST_ATTEMPT_WAITS = "import os; reach('here', os.getpid()); job.get('attempt') == 1 and wait_for('end')"


@pytest.mark.every_database
def test_a_killed_worker_fails_its_job_and_is_replaced(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    kill(int(manager.reached(job_id, "here")))
    row = manager.ended(job_id)

    assert row["status"] == "Failed"
    assert row["message"].startswith(f"The Job '{job_id}' was not completed in the previous run.")
    assert "(SIGKILL: by hand, or by the kernel for lack of memory)" in row["message"]
    manager.idle_workers(4)


@pytest.mark.every_database
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


def test_a_killed_parent_loses_no_running_job_and_is_replaced(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)
    former = own_manager.process("worker parent")

    kill(former.pid)
    own_manager.until(
        lambda: [p for p in own_manager.processes("worker parent") if p.pid != former.pid], "there is no new parent"
    )
    own_manager.let(job_id, "end")

    assert own_manager.ended(job_id)["status"] == "Success"
    assert own_manager.run()["status"] == "Success"
    own_manager.idle_workers(4)


def test_a_worker_killed_after_its_parent_fails_its_job(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)

    kill(own_manager.process("worker parent").pid)
    kill(int(own_manager.reached(job_id, "here")))
    row = own_manager.ended(job_id)

    assert row["status"] == "Failed"
    assert "was not completed in the previous run" in row["message"]


@pytest.mark.every_database
def test_a_killed_daemon_loses_no_running_job(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)

    own_manager.kill_daemon()
    own_manager.let(job_id, "end")

    assert own_manager.ended(job_id)["status"] == "Success"
    own_manager.until(lambda: not own_manager.installation.processes(), "the workers and their parent go on")


def test_a_run_that_fails_without_its_daemon_is_tried_again_by_the_next_one(own_manager: Manager) -> None:
    fails_once = "if job.get('attempt') == 1:\n    reach('here'); wait_for('end'); raise ValueError('no')"
    job_id = own_manager.begin(fails_once, "Twice")

    own_manager.kill_daemon()
    own_manager.let(job_id, "end")
    own_manager.until(lambda: own_manager.row(job_id)["status"] == "Pending", "the worker did not write its end")
    own_manager.start()

    row = own_manager.ended(job_id)
    assert (row["status"], row["attempt"]) == ("Success", 2)


def test_the_next_daemon_cancels_the_runs_of_the_killed_one(own_manager: Manager) -> None:
    job_id = own_manager.begin(DEAF, "Hasty")
    child = own_manager.reached(job_id, "here")
    own_manager.kill_daemon()

    own_manager.start()
    own_manager.set_status(job_id, "Canceled")

    assert own_manager.ended(job_id)["status"] == "Canceled"
    own_manager.gone(child)


def test_the_next_daemon_counts_the_runs_of_the_killed_one_against_the_limit(own_manager: Manager) -> None:
    first = [own_manager.begin(WAIT) for _ in range(3)]
    own_manager.kill_daemon()

    own_manager.start()
    second = [own_manager.add(WAIT) for _ in range(2)]
    own_manager.until(lambda: [own_manager.row(i)["status"] for i in second].count("Running") == 1)
    running = [own_manager.row(i)["status"] for i in (*first, *second)].count("Running")
    for job_id in (*first, *second):
        own_manager.let(job_id, "end")

    assert running == 4
    assert {own_manager.ended(job_id)["status"] for job_id in (*first, *second)} == {"Success"}


@pytest.mark.every_database
def test_the_next_daemon_closes_what_died_with_the_killed_one(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)

    own_manager.kill_daemon()
    kill(int(own_manager.reached(job_id, "here")))
    own_manager.installation.console("cron")

    row = own_manager.row(job_id)
    assert (row["status"], row["run_process"]) == ("Failed", None)
    assert row["ended_at"] is not None


def test_cron_does_not_wait_for_a_database_that_somebody_writes_to(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)
    own_manager.kill_daemon()
    kill(int(own_manager.reached(job_id, "here")))

    with own_manager.entity_manager.transaction():
        own_manager.installation.console("cron", timeout=15)
        own_manager.process("job-manager")

    assert own_manager.ended(job_id)["status"] == "Failed"


@pytest.mark.every_database
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
    own_manager: Manager, attempt: object, process: str, becomes: str
) -> None:
    daemon = own_manager.process("job-manager")
    row = {"attempt": attempt, "attempt_limit": 3, "run_node": own_manager.node, "run_process": process}
    own_manager.insert("odd", status="Running", **row)

    own_manager.until(lambda: own_manager.row("odd")["status"] == becomes)

    assert own_manager.run()["status"] == "Success"
    assert own_manager.process("job-manager") == daemon


def test_a_row_that_says_running_though_nobody_runs_it_is_closed(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    resting_manager.execute("UPDATE job SET status = 'Running' WHERE id = ?", job_id)

    resting_manager.installation.console("cron")

    assert resting_manager.row(job_id)["status"] == "Failed"


@pytest.mark.every_database
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
def test_what_a_worker_killed_after_its_parent_had_started_is_ended_too(own_manager: Manager, code: str) -> None:
    job_id = own_manager.begin(code)
    child = own_manager.reached(job_id, "here")

    kill(own_manager.process("worker parent").pid)
    kill(own_manager.running(job_id)["pid"])

    assert own_manager.ended(job_id)["status"] == "Failed"
    own_manager.gone(child)


def test_what_a_run_leaves_is_ended_before_the_next_attempt_though_everybody_was_killed(own_manager: Manager) -> None:
    job_id = own_manager.begin(f"if job.get('attempt') == 1:\n    {FORKED}", "Twice")
    child = own_manager.reached(job_id, "here")
    daemon, parent = own_manager.process("job-manager").pid, own_manager.process("worker parent").pid
    for pid in (daemon, parent, own_manager.row(job_id)["pid"]):
        kill(pid)
    own_manager.gone(daemon)

    own_manager.start()

    assert (own_manager.ended(job_id)["status"], own_manager.row(job_id)["attempt"]) == ("Success", 2)
    own_manager.gone(child)


def test_a_parent_that_does_not_answer_is_replaced_and_hides_no_death(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)
    former = own_manager.process("worker parent")
    former.suspend()

    kill(own_manager.row(job_id)["pid"])

    assert own_manager.ended(job_id)["status"] == "Failed"
    own_manager.gone(former.pid)
    assert own_manager.run()["status"] == "Success"
