"""Cancel, time-outs, retries, flags, and the commands that steer the job manager."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from core import clock
from core.exceptions import BadRequest
from core.job_queue.process_identity import ProcessIdentity, boot_id, pid_namespace
from core.testing import Installation
from tests.integration.job_manager.manager import Manager

WAIT = "import os; reach('here', os.getpid()); wait_for('end')"
COOPERATIVE = "reach('here')\nwhile not job.is_canceled(): time.sleep(0.02)\nreach('saw it')"
DEAF_IN_PYTHON = (
    "import time; reach('here')\n"
    "try:\n    time.sleep(60)\nexcept BaseException as error:\n    reach('got', type(error).__name__); raise"
)
DEAF = (
    "import os, signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen(['sleep', '600']); reach('here', child.pid); time.sleep(60)"
)


def test_a_pending_job_that_is_canceled_never_runs(own_manager: Manager) -> None:
    gates = [own_manager.begin(WAIT) for _ in range(4)]
    job_id = own_manager.add("reach('ran')")

    own_manager.set_status(job_id, "Canceled")
    for gate in gates:
        own_manager.let(gate, "end")
    own_manager.ended(gates[-1])

    row = own_manager.row(job_id)
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
    job_id = manager.begin(DEAF_IN_PYTHON, "Hasty")

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


def test_a_cancel_needs_no_database_lock_to_kill(own_manager: Manager) -> None:
    job_id = own_manager.begin(DEAF, "Hasty")
    pid = own_manager.row(job_id)["pid"]
    own_manager.set_status(job_id, "Canceled")

    with own_manager.entity_manager.transaction():
        own_manager.gone(pid)
        held = own_manager.row(job_id)["run_process"]

    assert held is not None
    assert own_manager.ended(job_id)["status"] == "Canceled"


def test_a_stranger_that_locks_the_database_does_not_stop_the_loop(own_manager: Manager) -> None:
    deaf, other = own_manager.begin(DEAF, "Hasty"), own_manager.begin(WAIT)
    pid = own_manager.row(deaf)["pid"]
    own_manager.set_status(deaf, "Canceled")
    canceled_at = clock.monotonic()

    with closing(sqlite3.connect(own_manager.installation.data / "atro.sqlite", isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        own_manager.let(other, "end")  # now there is an end to write, and no lock to be had
        own_manager.gone(pid)
        took = clock.monotonic() - canceled_at

    assert took < 4
    assert own_manager.ended(deaf)["status"] == "Canceled"
    assert own_manager.ended(other)["status"] == "Success"


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
    row = manager.run(DEAF, "Limited")

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


def test_while_the_pause_file_exists_nothing_is_started(own_manager: Manager) -> None:
    pause = own_manager.installation.data / "job-manager-pause.txt"
    running = own_manager.begin(WAIT)
    pause.touch()

    waiting = own_manager.add()
    own_manager.let(running, "end")
    own_manager.ended(running)
    status = own_manager.row(waiting)["status"]
    pause.unlink()

    assert status == "Pending"
    assert own_manager.ended(waiting)["status"] == "Success"


def test_while_it_is_paused_a_job_that_becomes_due_keeps_nobody_busy(own_manager: Manager) -> None:
    own_manager.run()
    waiting = own_manager.add(executeTime=clock.now() + timedelta(seconds=1.5))
    (own_manager.installation.data / "job-manager-pause.txt").touch()
    own_manager.until(lambda: clock.to_iso(clock.now()) > own_manager.row(waiting)["execute_time"].replace(" ", "T"))

    assert _busy_share_of_a_second(own_manager) < 0.4
    assert own_manager.row(waiting)["status"] == "Pending"


def _busy_share_of_a_second(manager: Manager) -> float:
    """CPU seconds of the daemon between two of its pulses, by the seconds between them."""
    daemon = manager.process("job-manager")
    lock = manager.installation.data / "job-manager.lock"

    def pulse() -> float:
        return float(json.loads(lock.read_text())["round_at"])

    def next_pulse(after: float) -> float:
        return float(manager.until(lambda: (at := pulse()) > after and at))

    first = next_pulse(pulse())
    used = sum(daemon.cpu_times()[:2])
    seconds = next_pulse(first) - first
    return float(sum(daemon.cpu_times()[:2]) - used) / seconds


def test_kill_daemons_leaves_running_jobs_alone(own_manager: Manager) -> None:
    job_id = own_manager.begin(WAIT)

    own_manager.installation.console("kill", "daemons")
    own_manager.until(lambda: not own_manager.processes("job-manager"), "the daemon goes on")
    status = own_manager.row(job_id)["status"]
    own_manager.let(job_id, "end")

    assert status == "Running"
    assert own_manager.ended(job_id)["status"] == "Success"


def test_after_kill_daemons_cron_starts_a_new_one(own_manager: Manager) -> None:
    former = own_manager.process("job-manager")
    own_manager.installation.console("kill", "daemons")

    own_manager.installation.console("cron")

    assert own_manager.process("job-manager").pid != former.pid
    assert not (own_manager.installation.data / "process-kill.txt").exists()
    assert own_manager.run()["status"] == "Success"


def test_sigterm_lets_running_jobs_finish(own_manager: Manager) -> None:
    job_id, waiting = own_manager.begin(WAIT), None
    daemon = own_manager.process("job-manager")

    os.kill(daemon.pid, signal.SIGTERM)
    waiting = own_manager.add()
    own_manager.let(job_id, "end")
    own_manager.gone(daemon.pid)

    assert own_manager.row(job_id)["status"] == "Success"
    assert own_manager.row(waiting)["status"] == "Pending"


def test_after_the_shutdown_timeout_running_jobs_are_ended(own_manager: Manager) -> None:
    own_manager.installation.write_config(maxConcurrentWorkers=4, shutdownTimeout=0.2)
    own_manager.until(lambda: own_manager.run()["status"] == "Success")
    job_id = own_manager.begin(DEAF)
    daemon = own_manager.process("job-manager")

    os.kill(daemon.pid, signal.SIGTERM)
    os.kill(daemon.pid, signal.SIGTERM)
    own_manager.gone(daemon.pid)

    row = own_manager.ended(job_id)
    assert row["status"] == "Failed"
    assert "the job manager was stopped" in row["message"]


def test_a_changed_number_of_workers_is_obeyed(own_manager: Manager) -> None:
    own_manager.idle_workers(4)

    own_manager.installation.write_config(maxConcurrentWorkers=7)
    own_manager.idle_workers(7)
    own_manager.installation.write_config(maxConcurrentWorkers=5)
    own_manager.idle_workers(5)

    assert own_manager.run()["status"] == "Success"


def test_a_broken_configuration_keeps_the_daemon_alive(own_manager: Manager) -> None:
    own_manager.idle_workers(4)
    (own_manager.installation.data / "config.py").write_text("config = {")

    own_manager.until(lambda: "last good configuration" in own_manager.main_log(), "it was not noticed")

    assert own_manager.run()["status"] == "Success"


def test_cron_ten_times_at_once_makes_one_daemon_and_says_nothing(own_installation: Installation) -> None:
    installation = own_installation
    command = [sys.executable, str(installation.root / "console.py"), "cron"]

    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(10)]
    said = [run.communicate(timeout=30)[0] for run in runs]

    assert set(said) == {b""}
    assert {run.returncode for run in runs} == {0}
    installation.wait_until(lambda: len(_daemons(installation)) == 1, 10, "there is not one daemon")


def _daemons(installation: Installation) -> list[object]:
    return [p for p in installation.processes() if "pyatro job-manager" in " ".join(p.cmdline())]


def test_cron_kills_a_daemon_that_has_made_no_round_for_a_minute(own_manager: Manager) -> None:
    lock = own_manager.installation.data / "job-manager.lock"
    silent = own_manager.process("job-manager")
    os.kill(silent.pid, signal.SIGSTOP)
    content = json.loads(lock.read_text())
    content["round_at"] -= 61
    lock.write_text(json.dumps(content).ljust(200))

    own_manager.installation.console("cron")

    own_manager.gone(silent.pid)
    assert own_manager.run()["status"] == "Success"


def test_a_job_saved_in_a_transaction_that_rolls_back_never_runs(manager: Manager) -> None:
    with pytest.raises(RuntimeError), manager.entity_manager.transaction():
        job = manager.new("reach('ran')")
        manager.entity_manager.save_entity(job)
        raise RuntimeError

    assert manager.entity_manager.get_entity("Job", job.id) is None
    assert manager.run()["status"] == "Success"
    assert not (manager.installation.data / "marks" / f"{job.id}.ran").exists()


def test_a_job_is_started_only_after_the_commit_that_made_it(manager: Manager) -> None:
    with manager.entity_manager.transaction():
        job_id = manager.add("reach('here')")
        manager.entity_manager.save_entity(manager.new())

    manager.reached(job_id, "here")
    assert manager.ended(job_id)["status"] == "Success"


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
