"""`job <id> --run`."""

from __future__ import annotations

import os
import signal

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
    statement = "UPDATE job SET status = 'Running', attempt = 1, run_node = 'local', run_process = ? WHERE id = ?"
    resting_manager.execute(statement, str(gone), job_id)

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
