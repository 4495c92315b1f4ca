"""Flags, signals, configuration and `cron`: what steers the job manager."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import psutil
import pytest

from core import clock
from core.orm.column_types import to_moment
from core.testing import Installation
from core.testing.installation import make_older
from tests.integration.job_manager.manager import DEAF, PATIENCE_SECONDS, WAIT, Manager


def test_while_the_pause_file_exists_nothing_is_started(manager: Manager) -> None:
    pause = manager.installation.data / "job-manager-pause.txt"
    running = manager.begin(WAIT)
    pause.touch()

    waiting = manager.add()
    manager.let(running, "end")
    manager.ended(running)
    status = manager.row(waiting)["status"]
    pause.unlink()

    assert status == "Pending"
    assert manager.ended(waiting)["status"] == "Success"


def test_while_it_is_paused_a_job_that_becomes_due_keeps_nobody_busy(manager: Manager) -> None:
    manager.run()
    waiting = manager.add(executeTime=clock.now() + timedelta(seconds=1.5))
    pause = manager.installation.data / "job-manager-pause.txt"
    pause.touch()
    manager.until(lambda: clock.now() > to_moment(manager.row(waiting)["execute_time"]))

    share, status = _busy_share_of_a_second(manager), manager.row(waiting)["status"]
    pause.unlink()

    assert share < 0.4
    assert status == "Pending"


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


def test_kill_daemons_leaves_running_jobs_alone(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    manager.installation.console("kill", "daemons")
    manager.until(lambda: not manager.processes("job-manager"), "the daemon goes on")
    status = manager.row(job_id)["status"]
    manager.let(job_id, "end")

    assert status == "Running"
    assert manager.ended(job_id)["status"] == "Success"


def test_after_kill_daemons_cron_starts_a_new_one(manager: Manager) -> None:
    former = manager.process("job-manager")
    manager.installation.console("kill", "daemons")

    manager.installation.console("cron")

    assert manager.process("job-manager").pid != former.pid
    assert not (manager.installation.data / "process-kill.txt").exists()
    assert manager.run()["status"] == "Success"


def test_sigterm_lets_running_jobs_finish(manager: Manager) -> None:
    job_id, waiting = manager.begin(WAIT), None
    daemon = manager.process("job-manager")

    os.kill(daemon.pid, signal.SIGTERM)
    waiting = manager.add()
    manager.let(job_id, "end")
    manager.gone(daemon.pid)

    assert manager.row(job_id)["status"] == "Success"
    assert manager.row(waiting)["status"] == "Pending"


def test_after_the_shutdown_timeout_running_jobs_are_ended(resting_manager: Manager) -> None:
    resting_manager.installation.write_config(maxConcurrentWorkers=4, shutdownTimeout=0.2)
    resting_manager.start()
    job_id = resting_manager.begin(DEAF)

    resting_manager.process("job-manager").terminate()

    row = resting_manager.ended(job_id)
    assert row["status"] == "Failed"
    assert "the job manager was stopped" in row["message"]


def test_a_second_sigterm_ends_running_jobs_at_once(manager: Manager) -> None:
    job_id = manager.begin(DEAF)
    daemon = manager.process("job-manager")

    def has_ended() -> bool:
        with suppress(psutil.NoSuchProcess):
            daemon.terminate()  # two that come at once may count as one
        return manager.row(job_id)["status"] != "Running"

    manager.until(has_ended)
    manager.gone(daemon.pid)

    assert "the job manager was stopped" in manager.row(job_id)["message"]


def test_a_changed_number_of_workers_is_obeyed(own_manager: Manager) -> None:
    own_manager.idle_workers(4)

    own_manager.installation.write_config(maxConcurrentWorkers=7)
    own_manager.idle_workers(7)
    own_manager.installation.write_config(maxConcurrentWorkers=5)
    own_manager.idle_workers(5)

    assert own_manager.run()["status"] == "Success"


@pytest.mark.proof
def test_a_broken_configuration_keeps_the_daemon_alive(own_manager: Manager) -> None:
    own_manager.idle_workers(4)
    file = own_manager.installation.data / "config.py"
    file.write_text("config = {")
    own_manager.until(lambda: "last good settings" in own_manager.main_log(), "it was not noticed")

    file.write_text("config = {'maxConcurrentWorkers': 2}")
    own_manager.until(lambda: "from 4 to 50; 4 is used" in own_manager.main_log(), "the number was not noticed")
    file.write_text("raise KeyboardInterrupt")
    own_manager.until(lambda: "line 1: KeyboardInterrupt" in own_manager.main_log(), "the end was not noticed")
    file.write_text("config = {'timeZone': 'Berln'}")
    own_manager.until(lambda: "; 'UTC' is used" in own_manager.main_log(), "the zone was not noticed")

    assert own_manager.run()["status"] == "Success"


def test_cron_ten_times_at_once_makes_one_daemon_and_says_nothing(own_installation: Installation) -> None:
    installation = own_installation
    command = [sys.executable, str(installation.root / "console.py"), "cron"]

    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(10)]
    said = [run.communicate(timeout=30)[0] for run in runs]

    assert set(said) == {b""}
    assert {run.returncode for run in runs} == {0}
    installation.wait_until(lambda: len(_daemons(installation)) == 1, PATIENCE_SECONDS, "there is not one daemon")


def _daemons(installation: Installation) -> list[object]:
    return [p for p in installation.processes() if "pyatro job-manager" in " ".join(p.cmdline())]


def test_cron_kills_a_daemon_that_has_made_no_round_for_a_minute(manager: Manager) -> None:
    lock = manager.installation.data / "job-manager.lock"
    silent = manager.process("job-manager")
    os.kill(silent.pid, signal.SIGSTOP)
    content = json.loads(lock.read_text())
    content["round_at"] -= 61
    lock.write_text(json.dumps(content).ljust(200))

    manager.installation.console("cron")

    manager.gone(silent.pid)
    assert manager.run()["status"] == "Success"


@pytest.mark.proof
def test_a_service_manager_can_start_it_again_after_kill_daemons(resting_manager: Manager) -> None:
    installation = resting_manager.installation
    installation.console("kill", "daemons")
    make_older(installation.data / "process-kill.txt", seconds=1)
    command = [sys.executable, str(installation.root / "console.py"), "daemon", "job-manager", "main"]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            row = resting_manager.run()
        finally:
            daemon.terminate()

    assert row["status"] == "Success"


def test_kill_daemons_stops_also_a_daemon_that_has_only_just_been_started(own_installation: Installation) -> None:
    own_installation.console("cron")
    own_installation.console("kill", "daemons")

    own_installation.wait_until(lambda: not own_installation.processes(), PATIENCE_SECONDS, "the daemon goes on")
