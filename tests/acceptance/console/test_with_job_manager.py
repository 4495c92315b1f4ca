"""The commands about jobs while a job manager runs them."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.testing import Installation
from core.testing.fixtures import stop
from tests.databases import SQLITE, Servers

# Runs until the file `finish` is there, with a child process meanwhile.
BODY = """
import subprocess
import time
from pathlib import Path

print("begun", flush=True)
child = subprocess.Popen(["sleep", "60"])
job.report_progress(1, 2, "half way")
while not Path("data/finish").exists():
    time.sleep(0.02)
child.kill()
child.wait()
print("done")
if job.get_payload().get("fail"):
    raise ValueError("no luck today")
"""


@pytest.fixture(scope="session")
def shared_installation(
    installation_kind: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with a running job manager, and jobs that end when `finish` says so."""
    folder = tmp_path_factory.mktemp("managed")
    with servers.new_database(installation_kind, folder) as url:
        installation = Installation(folder / "installation", None if installation_kind == SQLITE else url)
        installation.add_job_type("Patient", BODY, cancelGracePeriod=1)
        try:
            yield installation
            stop(installation)
        finally:
            installation.kill_everything()


@pytest.fixture
def managed(shared_installation: Installation) -> Iterator[Installation]:
    """No job is left of the test before, and none to the next one."""
    if not shared_installation.has_daemon():
        shared_installation.start_job_manager()
    yield shared_installation
    finish(shared_installation)
    try:
        shared_installation.wait_until(lambda: not shared_installation.query(AT_WORK), 30, "a job goes on")
    except TimeoutError:
        shared_installation.kill_everything()
        raise
    finally:
        (shared_installation.data / "finish").unlink()


AT_WORK = "SELECT id FROM job WHERE status = 'Running' OR run_process IS NOT NULL"


def finish(installation: Installation) -> None:
    (installation.data / "finish").touch()


def add_running(installation: Installation, **payload: Any) -> str:
    job_id = installation.console("job", "add", "Patient", f"--payload={json.dumps(payload)}").stdout.strip()
    log = log_of(installation, job_id)
    installation.wait_until(lambda: log.exists() and "begun" in log.read_text(), message="the job did not start")
    return job_id


def log_of(installation: Installation, job_id: str) -> Path:
    return installation.data / "logs" / "jobs" / f"{job_id}.log"


def test_a_running_job_is_shown_with_what_its_process_takes(managed: Installation) -> None:
    job_id = add_running(managed)

    shown = json.loads(managed.console("job", "show", job_id, "--json").stdout)
    text = managed.console("job", "show", job_id).stdout
    finish(managed)

    assert shown["status"] == "Running"
    assert shown["process"]["pid"] == shown["pid"]
    assert shown["process"]["memoryBytes"] > 1024**2
    assert [child["command"] for child in shown["process"]["children"]] == ["sleep 60"]
    assert "half way" in text
    assert "sleep 60" in text


def test_a_running_job_is_not_run_by_hand(managed: Installation) -> None:
    job_id = add_running(managed)

    finished = managed.console("job", job_id, "--run")
    pid = managed.job(job_id)["pid"]
    finish(managed)

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == f"The Job '{job_id}' is running as process {pid}.\n"


def test_waiting_and_following_end_with_the_job(managed: Installation) -> None:
    job_id = add_running(managed)
    with start(managed, "job", "wait") as waiting, start(managed, "job", "log", job_id, "--follow") as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "begun\n"
        finish(managed)

        assert following.communicate(timeout=30)[0] == "done\n"
        assert waiting.wait(30) == 0


def test_waiting_for_jobs_of_which_one_fails_is_an_error(managed: Installation) -> None:
    add_running(managed)
    bad = add_running(managed, fail=True)
    with start(managed, "job", "wait", "--json") as waiting:
        # It has begun to wait when it has opened the database, which the interpreter alone does not.
        managed.wait_until(lambda: has_database_open(managed, waiting.pid), message="it did not begin to wait")
        finish(managed)
        document = json.loads(waiting.communicate(timeout=30)[0])

    assert waiting.returncode == 1
    assert document["failedCount"] == 1
    assert [(job["id"], job["message"]) for job in document["failed"]] == [(bad, "no luck today")]


def test_a_canceled_job_is_waited_for_until_its_process_has_let_it_go(managed: Installation) -> None:
    job_id = add_running(managed)
    managed.console("job", "cancel", job_id)

    finished = managed.console("job", "wait", job_id)

    assert finished.returncode == 1
    assert managed.job(job_id)["run_process"] is None


def test_an_interrupted_wait_ends_quietly(managed: Installation) -> None:
    add_running(managed)
    with start(managed, "job", "wait") as waiting:
        managed.wait_until(lambda: has_database_open(managed, waiting.pid), message="it did not begin to wait")
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=30)
    finish(managed)

    assert (waiting.returncode, out, err) == (130, "", "")


def start(installation: Installation, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "console.py", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=installation.root, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )


def has_database_open(installation: Installation, pid: int) -> bool:
    if installation.is_on_server:
        return bool(psutil.Process(pid).net_connections("all"))
    return any(file.path.endswith("atro.sqlite") for file in psutil.Process(pid).open_files())
