"""`job why`: each reason outside of the job, provoked; one answer, and what to do."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta

import pytest

from core import clock
from core.exceptions import NotFound
from core.job_manager.status import LATE_SECONDS
from tests.integration.job_manager.asking_why import why, why_at_work, write
from tests.integration.job_manager.manager import WAIT, Manager


def test_there_is_no_such_job(resting_manager: Manager) -> None:
    with pytest.raises(NotFound, match="No such job!"):
        why(resting_manager, "nobody")


# Its time


def test_its_time_has_not_come(manager: Manager) -> None:
    job_id = manager.add(executeTime=clock.now() + timedelta(hours=2, minutes=5, seconds=30))

    reason, text, remedy = why(manager, job_id)

    assert reason == "future"
    assert text.endswith(", in 2 h 5 min.")
    assert remedy == f'"python console.py job {job_id} --run" runs it now.'


def test_its_schedule_has_not_fired(manager: Manager) -> None:
    def planned() -> str | None:
        rows = manager.installation.query("SELECT id FROM job WHERE fire_time IS NOT NULL AND status = 'Pending'")
        return str(rows[0]["id"]) if rows else None

    reason, text, remedy = why(manager, manager.until(planned))

    assert (reason, "its schedule 'Clear deleted data' fires then" in text) == ("future", True)
    assert "schedule run" in remedy


def test_it_waits_for_its_next_attempt(manager: Manager) -> None:
    job_id = manager.add(executeTime=clock.now() + timedelta(hours=1))
    write(manager, job_id, attempt=1, attempt_limit=3)

    reason, text, _ = why(manager, job_id)

    assert (reason, text.startswith("It failed, attempt 1 of 3, and is tried again at ")) == ("future", True)


# The job manager


def test_no_job_manager_runs(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    (resting_manager.installation.data / "cron-seen").touch()

    reason, _, remedy = why(resting_manager, job_id)

    assert (reason, remedy) == ("noJobManager", '"python console.py cron" starts it.')


def test_cron_has_not_come_for_minutes(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    seen = resting_manager.installation.data / "cron-seen"
    seen.touch()
    os.utime(seen, (1, clock.now().timestamp() - 630))

    reason, text, remedy = why(resting_manager, job_id)

    assert reason == "cronNotSeen"
    assert text.startswith("No job manager runs on this machine, and cron came last 10 min ago, at ")
    assert "crontab -l" in remedy


def test_cron_has_never_come(resting_manager: Manager) -> None:
    reason, text, _ = why(resting_manager, resting_manager.add())

    assert (reason, text.endswith("cron has never come to this installation.")) == ("cronNotSeen", True)


def test_the_job_manager_makes_no_rounds(resting_manager: Manager) -> None:
    reason, text, remedy = why_at_work(resting_manager, resting_manager.add(), silent_seconds=90.0)

    assert (reason, text.endswith("has made no round for 1 min.")) == ("silentJobManager", True)
    assert "kill -CONT " in remedy


@pytest.mark.proof
def test_a_job_manager_that_was_stopped_makes_no_rounds(own_manager: Manager) -> None:
    daemon = own_manager.process("job-manager")
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        job_id = own_manager.add()
        job_manager = own_manager.container.get("jobManager")
        own_manager.until(lambda: job_manager.status().holder.silent_seconds > LATE_SECONDS)

        reason, text, remedy = why(own_manager, job_id)
    finally:
        os.kill(daemon.pid, signal.SIGCONT)

    assert (reason, f"(process {daemon.pid}) has made no round" in text) == ("silentJobManager", True)
    assert f"kill -CONT {daemon.pid}" in remedy
    assert own_manager.ended(job_id)["status"] == "Success"


def test_it_is_paused(manager: Manager) -> None:
    job_manager = manager.container.get("jobManager")
    job_manager.pause("moving the disk")
    try:
        reason, text, remedy = why(manager, manager.add())
    finally:
        job_manager.resume()

    assert (reason, text.endswith('("moving the disk").')) == ("paused", True)
    assert remedy == '"python console.py job manager resume" lets it go on.'


def test_no_worker_is_free(manager: Manager) -> None:
    gates = [manager.begin(WAIT) for _ in range(4)]

    reason, text, remedy = why(manager, manager.add())
    for gate in gates:
        manager.let(gate, "end")

    assert (reason, "maxConcurrentWorkers" in remedy) == ("noWorkerFree", True)
    assert all(f"{gate} (Script, for " in text for gate in gates)


def test_no_worker_is_ready(resting_manager: Manager) -> None:
    reason, text, remedy = why_at_work(resting_manager, resting_manager.add(), workers=0)

    assert (reason, text.startswith("No worker is ready")) == ("noWorkerReady", True)
    assert "data/logs/atro.log" in remedy


@pytest.mark.only_sqlite("on a server writers do not wait for each other")
def test_somebody_keeps_a_transaction_open(resting_manager: Manager) -> None:
    job_id = resting_manager.add()

    with resting_manager.entity_manager.transaction():
        reason, _, remedy = why_at_work(resting_manager, job_id)

    assert (reason, "sqlite3 shell" in remedy) == ("databaseBusy", True)


def test_others_come_before_it(resting_manager: Manager) -> None:
    job_id = resting_manager.add(priority=1)
    resting_manager.entity_manager.save_entities([resting_manager.new(priority=300) for _ in range(6)])

    reason, text, _ = why_at_work(resting_manager, job_id)

    assert (reason, text.startswith("6 jobs are before it")) == ("turn", True)


def test_nothing_is_in_its_way(resting_manager: Manager) -> None:
    assert why_at_work(resting_manager, resting_manager.add())[0] == "soon"


# The command


@pytest.mark.only_sqlite("the command is the same everywhere")
def test_the_command_says_it(resting_manager: Manager) -> None:
    job_id = resting_manager.add(status="Awaiting")

    said = resting_manager.installation.console("job", "why", job_id)
    document = json.loads(resting_manager.installation.console("job", "why", job_id, "--json").stdout)
    nobody = resting_manager.installation.console("job", "why", "nobody")

    assert said.stdout.splitlines() == [document["text"], document["remedy"]]
    assert document["reason"] == "awaiting"
    assert (nobody.returncode, nobody.stderr) == (1, "No such job!\n")
