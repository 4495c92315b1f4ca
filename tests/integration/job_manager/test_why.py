"""`job why`: each reason why a job does not run, provoked; one answer, and what to do."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.exceptions import NotFound
from core.job_manager.daemon_lock import Holder
from core.job_manager.status import LATE_SECONDS
from core.job_manager.why import explain
from core.job_queue.process_identity import ProcessIdentity
from core.testing import Installation
from tests.integration.job_manager.manager import WAIT, Manager, equip

GONE = "00000000-0000-0000-0000-000000000000:1:1:1"
SCRIPTS = "Resources/metadata/app/jobTypes.json"


def why(manager: Manager, job_id: str) -> tuple[str, str, str]:
    """Reason, text and remedy."""
    answer = manager.container.get("jobManager").why(job_id)
    return answer.reason, answer.text, answer.remedy or ""


def why_at_work(manager: Manager, job_id: str, workers: int = 4, silent_seconds: float = 0.1) -> tuple[str, str, str]:
    """The same where a job manager is at work that has not come to the job yet: none runs."""
    holder = Holder(ProcessIdentity.current(), silent_seconds, workers)
    status = replace(manager.container.get("jobManager").status(), is_running=True, holder=holder, not_kept=None)
    answer = explain(manager.container, job_id, status)
    return answer.reason, answer.text, answer.remedy or ""


def write(manager: Manager, job_id: str, **columns: Any) -> None:
    """Bare SQL."""
    changes = ", ".join(f"{name} = ?" for name in columns)
    manager.execute(f"UPDATE job SET {changes} WHERE id = ?", *columns.values(), job_id)


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


# Its own fault


def test_nobody_registers_its_type(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    write(resting_manager, job_id, type="Scrit")
    resting_manager.installation.add_module("Broken", {"Module.py": "import nothing_of_this_name\n"})

    with resting_manager.installation.application() as application:
        reason, text, remedy = why(Manager(resting_manager.installation, application.container), job_id)

    assert reason == "unknownType"
    assert text == (
        "No module registers the job type 'Scrit'. Did you mean 'Script'? Set aside, as they cannot be loaded: Broken."
    )
    assert "kill daemons" in remedy


def test_its_handler_is_wrong(installation: Installation) -> None:
    equip(installation)
    installation.add_module("Wrong", {SCRIPTS: {"Lost": {"handler": "\\Wrong\\Jobs\\Lost"}}})
    with installation.application() as application:
        manager = Manager(installation, application.container)
        reason, text, remedy = why(manager, manager.add(job_type="Lost"))

    assert reason == "wrongHandler"
    assert text.startswith("It cannot run: The handler '\\Wrong\\Jobs\\Lost' of job type 'Lost' cannot be imported")
    assert "python console.py check" in remedy


def test_it_failed_as_its_type_was_unknown(manager: Manager) -> None:
    job_id = manager.add(executeTime=clock.now() + timedelta(hours=1))
    write(manager, job_id, type="Scrit", execute_time="2020-01-01 00:00:00")
    manager.container.get("announcer").announce()
    manager.ended(job_id)

    reason, text, remedy = why(manager, job_id)

    assert (reason, "Did you mean 'Script'?" in text) == ("unknownType", True)
    assert remedy.endswith(f'Then "python console.py job retry {job_id}".')


@pytest.mark.parametrize(
    ("columns", "problem"),
    [({"priority": None}, "priority is empty"), ({"type": None}, "type is empty"), ({"attempt": -3}, "attempt is -3")],
    ids=["priority", "type", "attempt"],
)
def test_its_row_cannot_be_read(resting_manager: Manager, columns: dict[str, Any], problem: str) -> None:
    job_id = resting_manager.add()
    write(resting_manager, job_id, **columns)

    reason, text, _ = why(resting_manager, job_id)

    assert (reason, text) == ("unreadable", f"Its row cannot be read: {problem}.")


@pytest.mark.only_sqlite("the columns of servers hold what they are made for")
@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"execute_time": "soon"}, "execute_time holds 'soon', which is no moment"),
        ({"name": b"\xff"}, "name holds bytes, not text"),
        ({"status": "Waiting"}, "its status is 'Waiting', which is none"),
    ],
    ids=["time", "name", "status"],
)
def test_its_row_holds_what_no_column_may(resting_manager: Manager, columns: dict[str, Any], problem: str) -> None:
    job_id = resting_manager.add()
    write(resting_manager, job_id, **columns)

    assert why(resting_manager, job_id)[1] == f"Its row cannot be read: {problem}."


# What it waits for


def test_it_waits_for_whoever_made_it(resting_manager: Manager) -> None:
    creator = resting_manager.add()
    job_id = resting_manager.add(status="Awaiting", payload={"creatorId": creator})

    assert why(resting_manager, job_id)[1].endswith(f"sets it to Pending: {creator} (Script), which is Pending.")
    resting_manager.set_status(creator, "Canceled")
    reason, text, remedy = why(resting_manager, job_id)

    assert (reason, text.endswith("has ended as Canceled and has not done it.")) == ("awaiting", True)
    assert remedy == f'"python console.py job retry {job_id}" makes it Pending.'


def test_it_awaits_somebody_unknown(resting_manager: Manager) -> None:
    reason, text, _ = why(resting_manager, resting_manager.add(status="Awaiting"))

    assert (reason, text) == ("awaiting", "It is Awaiting until whoever made it sets it to Pending.")


def test_it_waits_for_the_run_before_it_of_its_schedule(resting_manager: Manager) -> None:
    schedule = resting_manager.container.get("entityManager").get_entity("ScheduledJob")
    schedule.set({"name": "Often", "type": "ClearEntities", "scheduling": "* * * * *", "overlap": "queue"})
    resting_manager.entity_manager.save_entity(schedule)
    first, second, third = (resting_manager.add(job_type="ClearEntities") for _ in range(3))
    own = {"scheduled_job_id": schedule.id}
    node = resting_manager.node
    write(resting_manager, first, **own, status="Running", run_node=node, run_process=GONE, pid=77)
    for job_id, minute in ((second, 1), (third, 2)):
        moment = f"2026-01-01 00:0{minute}:00.000000"
        write(resting_manager, job_id, **own, status="Awaiting", fire_time=moment, execute_time=moment)

    reason, text, remedy = why(resting_manager, second)
    write(resting_manager, first, status="Success", run_process=None)

    assert (reason, f"'Often': job {first}, Running as process 77" in text) == ("runBefore", True)
    assert f"job cancel {first}" in remedy
    assert f"job {second}, which waits itself" in why(resting_manager, third)[1]
    assert why(resting_manager, second)[0] == "cronNotSeen"


def test_its_former_run_is_not_over(manager: Manager) -> None:
    job_id = manager.begin(WAIT)
    manager.set_status(job_id, "Canceled")
    manager.set_status(job_id, "Pending")

    reason, text, _ = why(manager, job_id)
    manager.let(job_id, "end")

    assert (reason, "a job never runs twice at one time" in text) == ("formerRun", True)


def test_the_database_is_behind_the_metadata(own_installation: Installation) -> None:
    for kind in ("text", "int"):
        files = {
            "Resources/metadata/scopes/Thing.json": {"entity": True},
            "Resources/metadata/entityDefs/Thing.json": {"fields": {"size": {"type": kind}}},
        }
        own_installation.add_module("Things", files)
        with own_installation.application() as application:
            manager = Manager(own_installation, application.container)
            answer = why_at_work(manager, manager.add())

    assert (answer[0], "thing.size" in answer[1]) == ("schemaBehind", True)
    assert "sql diff --run" in answer[2]


# What is over


def test_it_runs(manager: Manager) -> None:
    job_id = manager.begin(WAIT)

    reason, text, remedy = why(manager, job_id)
    manager.let(job_id, "end")

    assert (reason, f"as process {manager.row(job_id)['pid']} since " in text) == ("running", True)
    assert f"job show {job_id}" in remedy


def test_it_is_running_on_another_machine(manager: Manager) -> None:
    job_id = manager.add(executeTime=clock.now() + timedelta(hours=1))
    write(manager, job_id, status="Running", run_node="elsewhere:1", run_process=GONE, pid=7)

    reason, text, _ = why(manager, job_id)
    write(manager, job_id, status="Canceled", run_node=None, run_process=None)

    assert (reason, "process 7 of the machine elsewhere:1" in text) == ("running", True)


def test_its_process_is_gone(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    write(resting_manager, job_id, status="Running", run_node=resting_manager.node, run_process=GONE, pid=7)

    reason, text, remedy = why(resting_manager, job_id)

    assert (reason, text.endswith("its process 7 is gone.")) == ("processGone", True)
    assert "cron" in remedy


@pytest.mark.parametrize(
    ("code", "reason", "part"),
    [("", "succeeded", "ended in Success at "), ("raise ValueError('no luck')", "failed", "attempt 1 of 1: no luck")],
    ids=["succeeded", "failed"],
)
def test_it_has_run(manager: Manager, code: str, reason: str, part: str) -> None:
    job_id = manager.run(code)["id"]

    answer = why(manager, job_id)

    assert (answer[0], part in answer[1], f"job retry {job_id}" in answer[2]) == (reason, True, True)


def test_it_was_canceled(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    resting_manager.set_status(job_id, "Canceled")

    reason, text, remedy = why(resting_manager, job_id)

    assert (reason, text.startswith("It was canceled at 20")) == ("canceled", True)
    assert f"job retry {job_id}" in remedy


@pytest.mark.only_sqlite("the command is the same everywhere")
def test_the_command_says_it(resting_manager: Manager) -> None:
    job_id = resting_manager.add(status="Awaiting")

    said = resting_manager.installation.console("job", "why", job_id)
    document = json.loads(resting_manager.installation.console("job", "why", job_id, "--json").stdout)
    nobody = resting_manager.installation.console("job", "why", "nobody")

    assert said.stdout.splitlines() == [document["text"], document["remedy"]]
    assert document["reason"] == "awaiting"
    assert (nobody.returncode, nobody.stderr) == (1, "No such job!\n")
