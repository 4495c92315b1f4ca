"""Everything is killed at random: no job is lost, none is started twice for one attempt, none too often."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from core.testing import Installation
from tests.databases import MARIADB, POSTGRESQL, SQLITE

MAX_ATTEMPTS = 3
# One write of a short line to a file opened for appending is whole, whoever is killed.
JOB = """\
import os
mine = os.open("data/journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
say = lambda word: os.write(mine, f"{job.id} {job.get('attempt')} {word}\\n".encode())
say("begin")
time.sleep(job.get_payload()["seconds"])
say("end")
os.close(mine)
"""


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """In `make test` the single deaths are tried on each kind, and the many of this file on one."""
    return str(request.param)


@pytest.mark.parametrize(
    ("seed", "seconds"),
    [(1, 5), pytest.param(2, 120, marks=[pytest.mark.proof, pytest.mark.timeout(400)])],
)
def test_no_job_is_lost_and_none_runs_twice(installation: Installation, seed: int, seconds: float) -> None:
    chance = random.Random(seed)
    installation.add_job_type("Marked", f"import time\n{JOB}", maxAttempts=MAX_ATTEMPTS)
    installation.write_config(maxConcurrentWorkers=4)
    ids: list[str] = []
    with installation.application() as application:
        entity_manager = application.container.get("entityManager")
        over_at = time.monotonic() + seconds
        while time.monotonic() < over_at:
            jobs = [entity_manager.get_entity("Job") for _ in range(chance.randrange(8))]
            for job in jobs:
                job.set({"name": "x", "type": "Marked", "payload": {"seconds": chance.random() / 10}})
            entity_manager.save_entities(jobs)
            ids += [job.id for job in jobs]
            installation.console("cron")
            _kill_somebody(installation, chance)
    installation.console("cron")
    installation.wait_until(lambda: _is_drained(installation), 60, "the queue was not drained")

    _reconcile(installation, ids)


def _kill_somebody(installation: Installation, chance: random.Random) -> None:
    processes = installation.processes()
    # The daemon and the parent are two of many, but matter as much as the workers.
    few = [process for process in processes if _is_no_worker(process)]
    victims = few if few and chance.random() < 0.3 else processes
    if victims:
        with suppress(psutil.NoSuchProcess):
            chance.choice(victims).kill()


def _is_no_worker(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        title = " ".join(process.cmdline())
        return "job-manager" in title or "parent" in title
    return False


def _is_drained(installation: Installation) -> bool:
    installation.console("cron")
    return not installation.query(
        "SELECT 1 FROM job WHERE fire_time IS NULL AND (status IN ('Pending', 'Running') OR run_process IS NOT NULL)"
    )


def _reconcile(installation: Installation, ids: list[str]) -> None:
    rows = {row["id"]: row for row in installation.query("SELECT * FROM job WHERE fire_time IS NULL")}
    words = Counter(tuple(line.split()) for line in _journal(installation))
    begun = Counter(job_id for job_id, _, word in words if word == "begin")

    assert rows.keys() == set(ids)
    assert {row["status"] for row in rows.values()} <= {"Success", "Failed"}
    assert max(words.values(), default=0) <= 1, "an attempt was run twice"
    assert all(begun[job_id] <= row["attempt"] <= MAX_ATTEMPTS for job_id, row in rows.items())
    for job_id, row in rows.items():
        has_ended = words[job_id, str(row["attempt"]), "end"] == 1
        # A worker may be killed between the last line of its job and the report of its end.
        assert has_ended or row["status"] == "Failed", f"{job_id} says Success, and never came to its end"
        assert row["status"] == "Success" or row["attempt"] == MAX_ATTEMPTS


def _journal(installation: Installation) -> list[str]:
    journal: Path = installation.data / "journal"
    return journal.read_text().splitlines() if journal.exists() else []
