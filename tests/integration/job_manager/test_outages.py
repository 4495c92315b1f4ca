"""The database cannot be used for a while: nothing is lost, nothing runs twice, and work goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from core.job_manager.daemon_lock import DaemonLock
from tests.integration.job_manager.manager import WAIT, Manager

pytestmark = pytest.mark.only_sqlite("what happens to a file")


@contextmanager
def _file_is_away(manager: Manager) -> Iterator[None]:
    file = manager.installation.data / "atro.sqlite"
    file.rename(file.with_suffix(".away"))
    try:
        yield
    finally:
        file.with_suffix(".away").rename(file)


@contextmanager
def _no_room(manager: Manager) -> Iterator[None]:
    """No file of the job manager's may grow; with the hard limit as it was, so that it can be undone."""
    daemon, size = manager.process("job-manager"), (manager.installation.data / "atro.sqlite-wal").stat().st_size
    former = daemon.rlimit(psutil.RLIMIT_FSIZE)
    daemon.rlimit(psutil.RLIMIT_FSIZE, (min(size, 4096), former[1]))
    try:
        yield
    finally:
        daemon.rlimit(psutil.RLIMIT_FSIZE, former)


@contextmanager
def _locked(manager: Manager) -> Iterator[None]:
    with manager.installation.stranger():
        yield


OUTAGES = {"file away": _file_is_away, "no room": _no_room, "locked": _locked}


def _is_failing(manager: Manager) -> bool:
    holder = DaemonLock(manager.root).holder()
    return holder is not None and holder.failing_seconds > 0


@pytest.mark.parametrize(
    "outage", ["locked", *(pytest.param(each, marks=pytest.mark.proof) for each in ("file away", "no room"))]
)
def test_what_ends_while_the_database_cannot_be_used_is_written_afterwards(own_manager: Manager, outage: str) -> None:
    job_ids = [own_manager.begin(f"{WAIT}; reach('over')", "Twice") for _ in range(3)]

    with OUTAGES[outage](own_manager):
        for job_id in job_ids:
            own_manager.let(job_id, "end")
            mark = own_manager.installation.data / "marks" / f"{job_id}.over"
            own_manager.until(mark.exists, "the job did not end")
        own_manager.until(lambda: _is_failing(own_manager), "nobody says that nothing gets done")

    rows = [own_manager.ended(job_id) for job_id in job_ids]
    assert [(row["status"], row["attempt"]) for row in rows] == [("Success", 1)] * 3
    assert own_manager.run()["status"] == "Success"
    own_manager.until(lambda: not _is_failing(own_manager), "it says that it fails")


@pytest.mark.parametrize("outage", ["file away", pytest.param("locked", marks=pytest.mark.proof)])
def test_a_worker_whose_job_manager_died_meanwhile_keeps_its_end_until_it_can_be_written(
    own_manager: Manager, outage: str
) -> None:
    job_id = own_manager.begin(f"{WAIT}; reach('over')")

    with OUTAGES[outage](own_manager):
        own_manager.kill_daemon()
        own_manager.let(job_id, "end")
        own_manager.until((own_manager.installation.data / "marks" / f"{job_id}.over").exists, "it did not end")

    row = own_manager.ended(job_id)
    assert (row["status"], row["attempt"]) == ("Success", 1)


@pytest.mark.proof
def test_schedules_that_cannot_be_read_are_said_and_keep_no_job_waiting(own_manager: Manager) -> None:
    own_manager.execute("ALTER TABLE scheduled_job RENAME COLUMN next_fire_time TO mislaid")
    own_manager.until(lambda: _is_failing(own_manager), "nobody says so")

    assert own_manager.run()["status"] == "Success"
    own_manager.until(lambda: "making schedules due" in str(own_manager.container.get("jobManager").status().idle))

    own_manager.execute("ALTER TABLE scheduled_job RENAME COLUMN mislaid TO next_fire_time")
    own_manager.until(lambda: not _is_failing(own_manager), "it says that it fails")
