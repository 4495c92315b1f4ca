"""`job why`: reasons in the job itself: its own fault, what it waits for, that it runs or has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.testing import Installation
from tests.integration.job_manager.asking_why import why, why_at_work, write
from tests.integration.job_manager.manager import WAIT, Manager, equip

GONE = "00000000-0000-0000-0000-000000000000:1:1:1"
SCRIPTS = "Resources/metadata/app/jobTypes.json"


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


def test_nobody_is_there_on_whose_behalf_it_would_run(resting_manager: Manager) -> None:
    ben = resting_manager.entity_manager.get_entity("User")
    ben.set({"name": "Ben", "userName": "ben", "isActive": False})
    resting_manager.entity_manager.save_entity(ben)
    later = clock.now() + timedelta(hours=1)

    gone = why(resting_manager, resting_manager.add(ownerUserId="nobody"))
    inactive = why(resting_manager, resting_manager.add(ownerUserId=ben.id, executeTime=later))
    ben.set("isActive", True)
    resting_manager.entity_manager.save_entity(ben)

    assert gone[:2] == ("noOwner", "It would fail when its turn comes: its owner, the user 'nobody', is gone.")
    assert (inactive[0], "'ben', is not active." in inactive[1]) == ("noOwner", True)
    assert inactive[2] == "Let the user be active again, or give it another one (ownerUserId)."
    assert why(resting_manager, resting_manager.add(ownerUserId=ben.id, executeTime=later))[0] == "future"


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


def test_it_was_made_running_by_code(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    write(resting_manager, job_id, status="Running")

    reason, text, _ = why(resting_manager, job_id)

    assert (reason, "no job manager has started it" in text) == ("processGone", True)


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


def test_of_a_long_message_the_beginning_is_told(resting_manager: Manager) -> None:
    job_id = resting_manager.add()
    write(resting_manager, job_id, status="Failed", attempt=1, message="no luck " * 5000)

    text = why(resting_manager, job_id)[1]

    assert len(text) < 1_200
    assert text.endswith("no luck  [...]")
