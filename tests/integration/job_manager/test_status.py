"""`job manager status`: what runs, what waits, what there is to worry about."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from typing import Any

import pytest

from core import __version__, clock
from core.testing import Installation
from tests.integration.job_manager.manager import WAIT, Manager

GONE = "00000000-0000-0000-0000-000000000000:1:1:1"


def look(manager: Manager) -> dict[str, Any]:
    document: dict[str, Any] = manager.container.get("jobManager").status().to_dict()
    return document


def test_of_a_job_manager_that_runs_it_has_process_version_and_beginning(manager: Manager) -> None:
    manager.idle_workers()
    manager.until(lambda: look(manager)["workers"]["ready"] == 4)

    said = look(manager)

    daemon = said["jobManager"]
    assert (daemon["running"], daemon["version"], daemon["startedByCron"]) == (True, __version__, True)
    assert daemon["pid"] == manager.process("job-manager").pid
    assert abs(clock.from_text(daemon["since"]).timestamp() - manager.process("job-manager").create_time()) < 2
    assert said["warnings"] == []


def test_it_has_what_each_worker_runs(manager: Manager) -> None:
    job_id = manager.begin(WAIT, "Hasty")

    said = look(manager)["workers"]
    manager.let(job_id, "end")

    (run,) = said["running"]
    assert (run["jobId"], run["type"], run["pid"]) == (job_id, "Hasty", manager.row(job_id)["pid"])
    assert said["free"] <= 3


def test_what_waits_is_counted_by_type(resting_manager: Manager) -> None:
    now = clock.now()
    for job_type, minutes in (("Script", -5), ("Script", -9), ("Hasty", -1), ("Twice", 5)):
        resting_manager.add(job_type=job_type, executeTime=now + timedelta(minutes=minutes))

    said = look(resting_manager)["backlog"]

    assert [(each["type"], each["due"]) for each in said["types"]] == [("Script", 2), ("Hasty", 1)]
    assert clock.from_text(said["types"][0]["oldestDueAt"]) == now - timedelta(minutes=9)
    assert (said["due"], said["later"]) == (3, 1)


def test_what_ended_in_the_last_hour_is_counted(manager: Manager) -> None:
    def count(status: str) -> int:
        return sum(each["count"] for each in look(manager)["lastHour"] if each["status"] == status)

    before = count("Success"), count("Failed"), count("Pending")
    manager.run()
    manager.run("1 / 0", job_type="Twice")

    assert (count("Success"), count("Failed"), count("Pending")) == tuple(map(sum, zip(before, (1, 1, 1), strict=True)))


def test_nobody_counts_beyond_ten_thousand(resting_manager: Manager) -> None:
    resting_manager.entity_manager.save_entities([resting_manager.new() for _ in range(10_005)])

    said = look(resting_manager)["backlog"]

    assert (said["due"], said["isDueCapped"]) == (10_000, True)
    assert resting_manager.container.get("jobManager").status().rows.due[0].count == 10_001


def test_where_nothing_runs_it_says_what_to_do(resting_manager: Manager) -> None:
    said = look(resting_manager)

    assert said["jobManager"]["running"] is False
    assert said["warnings"][0] == 'No job manager is running. "python console.py cron" starts it.'
    assert said["warnings"][1].startswith("cron has never come to this installation.")


def test_a_cron_that_no_longer_comes_is_a_warning(own_manager: Manager) -> None:
    assert look(own_manager)["warnings"] == []
    an_hour_ago = clock.now().timestamp() - 3700
    os.utime(own_manager.installation.data / "cron-seen", (an_hour_ago, an_hour_ago))

    (warning,) = look(own_manager)["warnings"]

    assert warning.startswith("cron came last 1 h 1 min ago, at ")


def test_a_run_of_a_dead_process_is_a_warning_where_nobody_closes_it(resting_manager: Manager) -> None:
    look(resting_manager)
    resting_manager.insert("stale", status="Running", run_node=resting_manager.node, run_process=GONE, pid=1)

    warnings = look(resting_manager)["warnings"]

    assert any(text.startswith("The job stale (Script) is Running, but its process 1 is gone") for text in warnings)


def test_the_next_times_of_schedules_are_in_it(own_manager: Manager) -> None:
    own_manager.until(lambda: look(own_manager)["nextSchedules"])

    first = look(own_manager)["nextSchedules"][0]

    assert (first["name"], first["type"]) == ("Clear deleted data", "ClearEntities")
    assert clock.from_text(first["nextFireTime"]) > clock.now()


@pytest.mark.only_sqlite("the columns of servers hold moments only")
def test_a_row_that_nobody_can_read_hides_no_other(resting_manager: Manager) -> None:
    resting_manager.add()
    resting_manager.insert("junk", status="Pending", execute_time="1 Jan", created_at="?", type=b"\xff")

    types = look(resting_manager)["backlog"]["types"]

    assert {each["oldestDueAt"] is None for each in types} == {True, False}


@pytest.mark.only_sqlite("the commands are the same everywhere")
def test_the_command_shows_it_all(resting_manager: Manager) -> None:
    resting_manager.container.get("jobManager").pause("moving the disk")
    resting_manager.add()

    finished = resting_manager.installation.console("job", "manager", "status")

    assert finished.returncode == 0
    for part in ("does not run", "never came", '("moving the disk")', "1 due, 0 for later", "Script"):
        assert part in finished.stdout
    assert "No job manager is running" in finished.stderr


@pytest.mark.only_sqlite("a file that is no database")
def test_without_a_database_it_says_the_rest(installation: Installation) -> None:
    (installation.data / "atro.sqlite").write_text("no database, but long enough to be taken for one" * 100)

    finished = installation.console("job", "manager", "status", "--json")

    said = json.loads(finished.stdout)
    assert (finished.returncode, said["backlog"]) == (0, None)
    assert said["warnings"][0].startswith("The database cannot be read: ")


@pytest.mark.only_sqlite("the same everywhere")
def test_without_metadata_it_says_the_rest_and_does_not_blame_the_database(installation: Installation) -> None:
    for module, fields in (("A", ["name"]), ("B", {"name": {"type": "varchar"}})):
        installation.add_module(module, {"Resources/metadata/entityDefs/Book.json": {"fields": fields}})

    finished = installation.console("job", "manager", "status")

    assert finished.returncode == 0
    assert "The database cannot be read" not in finished.stderr
    assert re.search(r'entityDefs\.Book\.fields: .*\. "python console.py check" says more\.', finished.stderr)
