"""`job <id> --run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from core.job_queue.process_identity import ProcessIdentity, boot_id, pid_namespace
from tests.integration.job_manager.manager import WAIT, Manager


def test_by_hand_a_job_runs_whatever_its_status(manager: Manager) -> None:
    row = manager.run("reach('here', job.get('attempt'))")

    done = manager.installation.console("job", row["id"], "--run")

    assert done.stdout.strip() == "Job has been executed successfully!"
    assert (manager.row(row["id"])["status"], manager.row(row["id"])["attempt"]) == ("Success", 2)


def test_by_hand_a_job_runs_whose_process_is_gone_though_its_row_says_running(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    gone = ProcessIdentity(boot_id(), pid_namespace(), os.getpid(), 1)
    statement = "UPDATE job SET status = 'Running', attempt = 1, run_node = ?, run_process = ? WHERE id = ?"
    resting_manager.execute(statement, resting_manager.node, str(gone), job_id)

    done = resting_manager.installation.console("job", job_id, "--run")

    row = resting_manager.row(job_id)
    assert done.returncode == 0
    assert (row["status"], row["attempt"], row["run_process"]) == ("Success", 2, None)


def test_a_run_by_hand_over_its_timeout_is_ended_by_the_daemon(manager: Manager) -> None:
    job_id = manager.add("import time; time.sleep(60)", "Limited", status="Awaiting")

    done = manager.installation.console("job", job_id, "--run")

    row = manager.ended(job_id)
    assert done.returncode == -signal.SIGTERM
    assert row["status"] == "Failed"
    assert row["message"].endswith("The job ran into its timeout of 0.3 s.")


def test_by_hand_a_running_job_is_refused(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    pid = manager.row(job_id)["pid"]

    done = manager.installation.console("job", job_id, "--run")
    manager.let(job_id, "end")

    assert done.returncode == 1
    assert done.stderr.strip() == f"The Job '{job_id}' is running as process {pid}."
    assert manager.ended(job_id)["attempt"] == 1


def test_a_debug_run_writes_nothing_to_the_row(manager: Manager) -> None:
    before = manager.run("raise ValueError('no')")

    done = manager.installation.console("job", f"debug_{before['id']}", "--run")

    assert done.returncode == 1
    assert "ValueError: no" in done.stderr
    assert manager.row(before["id"]) == before


def test_a_run_by_hand_that_was_killed_is_not_tried_again(manager: Manager) -> None:
    job_id = manager.add(WAIT, "Twice", status="Awaiting")
    command = [sys.executable, str(manager.root / "console.py"), "job", job_id, "--run"]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as by_hand:
        try:
            manager.reached(job_id, "here")
        finally:
            by_hand.kill()

    assert (manager.ended(job_id)["status"], manager.row(job_id)["attempt"]) == ("Failed", 1)


def test_children_that_a_run_by_hand_leaves_are_ended_and_fail_it(manager: Manager) -> None:
    job_id = manager.add("import subprocess; reach('here', subprocess.Popen(['sleep', '603']).pid)", status="Awaiting")

    done = manager.installation.console("job", job_id, "--run")

    assert done.returncode == 1
    assert manager.row(job_id)["message"].startswith("The job left child processes running, which were ended: ")
    manager.gone(manager.reached(job_id, "here"))


def test_a_job_that_closes_its_streams_does_not_hide_how_a_run_by_hand_ended(manager: Manager) -> None:
    job_id = manager.add("import os; os.close(1); os.close(2)", status="Awaiting")

    done = manager.installation.console("job", job_id, "--run")

    assert (done.returncode, done.stdout.strip()) == (0, "Job has been executed successfully!")


AS_SCRIPTS_DO = """
import io, sys
sys.stdout.reconfigure(line_buffering=True, errors="replace")
sys.stdout.buffer.write(b"bytes\\n")
print("text", sys.stdout.encoding.lower(), sys.stdout.name, sys.stdout.errors, "\\ud800")
sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="utf-8")
print("wrapped")
"""
SAID = "bytes\ntext utf-8 <stdout> backslashreplace \\ud800\nwrapped\n"


def test_a_run_by_hand_writes_to_its_streams_in_every_way_that_scripts_do(resting_manager: Manager) -> None:
    job_id = resting_manager.add(AS_SCRIPTS_DO, status="Awaiting")

    done = resting_manager.installation.console("job", job_id, "--run")

    assert done.stdout == f"{SAID}Job has been executed successfully!\n"
    assert resting_manager.log(job_id) == SAID


def test_a_job_in_a_worker_writes_to_its_streams_in_every_way_that_scripts_do(manager: Manager) -> None:
    row = manager.run(AS_SCRIPTS_DO)

    assert (row["status"], manager.log(row["id"])) == ("Success", SAID)
