"""Installations beside each other: with a file each on one machine, and as two machines on one database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from core.testing import Installation
from core.testing.fixtures import stop
from tests.databases import MARIADB, POSTGRESQL, SQLITE, Servers
from tests.integration.job_manager.manager import PATIENCE_SECONDS, WAIT, Manager, equip, is_running, kill

pytestmark = pytest.mark.only_sqlite("each test says on what it runs")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Manager, Manager]]:
    """Two job managers that run, with modules and job types of the same names and a file each."""
    installations = [Installation(tmp_path / name) for name in ("first", "second")]
    with ExitStack() as stack:
        for installation in installations:
            stack.callback(installation.kill_everything)
            equip(installation)
            installation.write_config(maxConcurrentWorkers=4, reloadCode=False)
        managers = []
        for installation in installations:
            # Modules of one name follow each other in one process: each is asked by a command of its own.
            installation.start_job_manager()
            with installation.application() as application:
                managers.append(Manager(installation, application.container))
        yield managers[0], managers[1]
        for installation in installations:
            stop(installation)


def _add(manager: Manager, code: str) -> str:
    payload = f'--payload={{"code": "{code}"}}'
    return manager.installation.console("job", "add", "Script", payload).stdout.strip()


def _begin(manager: Manager) -> str:
    job_id = _add(manager, WAIT)
    manager.reached(job_id, "here")
    return job_id


def _processes(manager: Manager) -> set[psutil.Process]:
    return set(manager.installation.processes())


def test_what_is_done_to_one_installation_leaves_the_other_alone(pair: tuple[Manager, Manager]) -> None:
    first, second = pair
    runs, canceled = _begin(first), _begin(second)
    before = _processes(first)

    # A cancel, a pause, a killed worker, a killed job manager, a stop of the other one
    second.installation.console("job", "cancel", canceled)
    assert second.ended(canceled)["status"] == "Canceled"
    second.installation.console("job", "manager", "pause")
    killed = second.process("job-manager")
    for process in second.processes("worker"):
        kill(process.pid)
    kill(killed.pid)
    second.gone(killed.pid)
    second.installation.console("cron")
    second.until(second.installation.has_daemon)
    second.installation.console("kill", "daemons")
    second.until(lambda: not second.installation.processes(), "it does not stop")

    # Only what was there goes on, and works
    assert before <= _processes(first)
    assert first.row(runs)["status"] == "Running"
    first.let(runs, "end")
    assert first.ended(runs)["attempt"] == 1
    assert first.ended(_add(first, ""))["status"] == "Success"
    assert {row["id"] for row in second.installation.query("SELECT id FROM job WHERE type = 'Script'")} == {canceled}


# Written when the code begins and when it is over, however it ends.
JOURNAL = (
    "def note(word):\n"
    "    with open(root / 'data' / 'journal', 'a') as journal: journal.write(word + chr(10))\n"
    "note('begin')\n"
    "try:\n    reach('here'); wait_for('end')\n"
    "finally: note('end')"
)


def test_a_job_manager_that_is_woken_late_runs_nothing_twice(own_manager: Manager) -> None:
    retried, ends = own_manager.begin(JOURNAL), own_manager.begin(WAIT)
    dies = own_manager.begin(
        "import os; first = job.get('attempt') == 1\nif first: reach('here'); wait_for('end')", "Twice"
    )
    daemon = own_manager.process("job-manager")

    os.kill(daemon.pid, signal.SIGSTOP)
    own_manager.set_status(retried, "Canceled")
    own_manager.set_status(retried, "Pending")
    own_manager.let(ends, "end")
    died = own_manager.row(dies)["pid"]
    kill(died)
    own_manager.until(lambda: not is_running(died))
    waits = own_manager.add()
    os.kill(daemon.pid, signal.SIGCONT)

    own_manager.until(lambda: own_manager.row(retried)["attempt"] == 2, "it is not tried again")
    own_manager.let(retried, "end")
    rows = [own_manager.ended(each) for each in (retried, ends, dies, waits)]
    assert [(row["status"], row["attempt"]) for row in rows] == [("Success", each) for each in (2, 1, 2, 1)]
    assert (own_manager.root / "data" / "journal").read_text().split() == ["begin", "end", "begin", "end"]
    assert own_manager.process("job-manager") == daemon


@pytest.mark.parametrize("kind", [POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)])
def test_cron_at_the_same_moment_on_two_machines_makes_one_job_manager_on_each(
    tmp_path: Path, servers: Servers, kind: str
) -> None:
    assert kind != SQLITE
    with servers.new_database(kind, tmp_path) as url, ExitStack() as stack:
        machines = [Installation(tmp_path / name, url) for name in ("first", "second")]
        for machine in machines:
            stack.callback(machine.kill_everything)
            equip(machine)

        commands = [[sys.executable, str(each.root / "console.py"), "cron"] for each in machines * 3]
        runs = [subprocess.Popen(each, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for each in commands]
        said = [run.communicate(timeout=PATIENCE_SECONDS * 2)[0] for run in runs]

        assert (set(said), {run.returncode for run in runs}) == ({b""}, {0})
        for machine in machines:
            machine.wait_until(machine.has_daemon, PATIENCE_SECONDS)
            assert len([p for p in machine.processes() if "pyatro job-manager" in " ".join(p.cmdline())]) == 1
        jobs = machines[0].query("SELECT scheduled_job_id FROM job WHERE scheduled_job_id IS NOT NULL")
        schedules = machines[0].query("SELECT id FROM scheduled_job")
        assert len(jobs) == len(schedules) == 1
        for machine in machines:
            stop(machine)
