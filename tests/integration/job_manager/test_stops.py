"""Cancels and time-outs at every moment of a run, and of what a job may be doing then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from core.exceptions import BadRequest
from core.testing import Installation
from tests.integration.job_manager.manager import DEAF, WAIT, Manager, title_of

TIMED_OUT = "The job ran into its timeout of 0.3 s."
#: Says by which exception it was stopped.
LISTENS = (
    "import time; reach('here')\n"
    "try: time.sleep(60)\nexcept BaseException as error:\n    reach('got', type(error).__name__); raise"
)
SWALLOWS = "import time; reach('here')\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass"
_SIGTERM_BIT = 1 << 14


@contextmanager
def deferred(manager: Manager) -> Iterator[None]:
    """The workers do not get to know of a job that has become Running until SIGTERM is on its way to one of them."""
    workers = manager.idle_workers()
    for worker in workers:
        worker.suspend()
    try:
        yield
        manager.until(lambda: any(_has_pending_sigterm(worker.pid) for worker in workers), "nobody was asked to stop")
    finally:
        for worker in workers:
            worker.resume()


def _has_pending_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(status.split("ShdPnd:")[1].split()[0], 16) & _SIGTERM_BIT)


# Time-outs


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import socket; one, other = socket.socketpair(); one.recv(1)",
        "import subprocess; reach('here', subprocess.Popen(['sleep', '600']).pid); import time; time.sleep(60)",
        "import subprocess; subprocess.run(['sleep', '600'])",
        "try:\n    while True: pass\nexcept Exception: pass",
    ],
    ids=["computes", "waits in C", "has a child", "waits for a child", "catches exceptions"],
)
def test_a_job_over_its_timeout_fails_whatever_it_does(manager: Manager, code: str) -> None:
    row = manager.run(code, "Limited")

    assert (row["status"], row["message"]) == ("Failed", TIMED_OUT)
    manager.gone(row["pid"], *([manager.reached(row["id"], "here")] if "reach" in code else []))


@pytest.mark.parametrize(
    "code",
    ["import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)", SWALLOWS],
    ids=["computes in C", "swallows what stops it"],
)
def test_a_job_over_its_timeout_that_does_not_hear_is_killed(manager: Manager, code: str) -> None:
    row = manager.run(code, "LimitedHasty")

    assert (row["status"], row["crashes"] or 0) == ("Failed", 0)
    assert row["message"].endswith("ended it: it did not end within 0.5 s after its timeout of 0.3 s.")


def test_a_timeout_that_is_faster_than_the_job_keeps_it_from_beginning(manager: Manager) -> None:
    with deferred(manager):
        job_id = manager.add("reach('ran')", "Limited")
    row = manager.ended(job_id)

    assert (row["status"], row["message"]) == ("Failed", TIMED_OUT)
    assert not (manager.root / "data" / "marks" / f"{job_id}.ran").exists()


LISTENER = """\
import time

from core.Listeners import AbstractListener


class JobEntity(AbstractListener):
    def after_save(self, event):
        if event.get_argument("entity").get("status") == "Running":
            time.sleep(60)
"""


def test_a_timeout_while_a_listener_hears_of_the_start_ends_the_run(own_installation: Installation) -> None:
    own_installation.add_module("Hearing", {"Listeners/JobEntity.py": LISTENER})
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()
        row = manager.run("reach('ran')", "Limited")

    assert (row["status"], row["message"]) == ("Failed", TIMED_OUT)
    assert "Listeners/JobEntity.py" in (manager.log(row["id"]) or "")
    assert not (manager.root / "data" / "marks" / f"{row['id']}.ran").exists()


# Cancels


def test_jobs_that_are_canceled_while_they_are_claimed_either_never_ran_or_ran_once(manager: Manager) -> None:
    code = "import os; os.link(root / 'data' / 'config.py', root / 'data' / 'marks' / f'{job.id}.ran')"
    job_ids = []
    for _ in range(30):
        job_ids.append(manager.add(code))
        with suppress(BadRequest):  # it was over already
            manager.set_status(job_ids[-1], "Canceled")

    for row in map(manager.ended, job_ids):
        ran = (manager.root / "data" / "marks" / f"{row['id']}.ran").exists()
        assert row["status"] in ("Success", "Canceled")
        assert row["attempt"] == int(ran) or (row["attempt"], row["status"]) == (1, "Canceled")
        assert row["ended_at"] is not None


def test_a_job_that_is_canceled_when_it_has_just_started_does_not_begin(manager: Manager) -> None:
    with deferred(manager):
        job_id = manager.add("reach('ran')", "Calm")
        manager.running(job_id)
        manager.set_status(job_id, "Canceled")

    assert manager.ended(job_id)["status"] == "Canceled"
    assert not (manager.root / "data" / "marks" / f"{job_id}.ran").exists()


@pytest.mark.parametrize("job_type", ["Script", "Alone"])
def test_a_cancel_that_is_written_before_the_end_of_the_run_wins(manager: Manager, job_type: str) -> None:
    job_id = manager.begin(WAIT + "; job.set('message', 'done')", job_type)
    pid = manager.row(job_id)["pid"]

    with manager.entity_manager.transaction() as connection:
        if manager.installation.is_on_server:
            connection.exec_driver_sql("SELECT id FROM job FOR UPDATE")
        manager.let(job_id, "end")
        workers = [each for each in manager.installation.processes() if each.pid == pid]
        manager.until(lambda: title_of(workers[0]).startswith("pyatro worker "), "the job's code goes on")
        manager.set_status(job_id, "Canceled")
    row = manager.ended(job_id)

    assert (row["status"], row["message"]) == ("Canceled", None)
    assert row["ended_at"] is not None


def test_a_cancel_after_the_end_is_refused_and_changes_nothing(manager: Manager) -> None:
    row = manager.run("job.set('message', 'done')")

    with pytest.raises(BadRequest, match="It is impossible to change the status from 'Success' to 'Canceled'"):
        manager.set_status(row["id"], "Canceled")

    assert manager.row(row["id"])["message"] == "done"


def test_an_isolated_job_that_listens_is_canceled_by_an_exception(manager: Manager) -> None:
    job_id = manager.begin("reach('here')\nwhile not job.is_canceled(): pass\nreach('saw it')", "Alone")

    manager.set_status(job_id, "Canceled")

    manager.reached(job_id, "saw it")
    assert manager.ended(job_id)["status"] == "Canceled"


def test_an_isolated_job_that_is_deaf_is_killed_with_its_children(manager: Manager) -> None:
    job_id = manager.begin(DEAF, "AloneHasty")
    child, pid = manager.reached(job_id, "here"), manager.row(job_id)["pid"]

    manager.set_status(job_id, "Canceled")

    manager.gone(child, pid)
    assert manager.ended(job_id)["status"] == "Canceled"
    assert manager.run("", "AloneHasty")["status"] == "Success"


# Runs of a former job manager


def test_a_run_of_a_former_job_manager_says_that_it_ran_into_its_timeout(manager: Manager) -> None:
    job_id = manager.begin(LISTENS, "LimitedLater")
    manager.kill_daemon()
    manager.start()

    row = manager.ended(job_id)

    assert manager.reached(job_id, "got") == "JobTimeout"
    assert (row["status"], row["message"]) == ("Failed", "The job ran into its timeout of 3 s.")
    assert not list((manager.installation.data / "logs" / "jobs").glob(".*.stop"))


@pytest.mark.proof
def test_a_run_of_a_former_job_manager_hears_that_it_was_canceled(manager: Manager) -> None:
    job_id = manager.begin(LISTENS, "Calm")
    manager.kill_daemon()
    manager.set_status(job_id, "Canceled")
    manager.start()

    assert manager.ended(job_id)["status"] == "Canceled"
    assert manager.reached(job_id, "got") == "JobCanceled"


@pytest.mark.proof
def test_a_run_of_a_former_job_manager_that_is_killed_says_why(manager: Manager) -> None:
    job_id = manager.begin(SWALLOWS, "LimitedHasty")
    manager.kill_daemon()
    manager.start()

    message = manager.ended(job_id)["message"]

    assert message.endswith("ended it: it did not end within 0.5 s after its timeout of 0.3 s.")


def test_what_a_worker_did_not_read_any_more_is_removed(manager: Manager) -> None:
    folder = manager.installation.data / "logs" / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    left = [folder / f".worker-{2**22 + 1}.{kind}" for kind in ("stop", "spool")]  # no process has such a number
    manager.kill_daemon()
    for file in left:
        file.touch()

    manager.start()

    manager.until(lambda: not any(file.exists() for file in left), "the files are still there")
