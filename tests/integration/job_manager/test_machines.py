"""Several machines on one database: who is seen, whose clock is wrong, and one that never comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.exceptions import Conflict, NotFound
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.heartbeat import Heartbeat
from core.job_manager.machines import Machine, worries_about
from core.job_queue.nodes import Node, Nodes
from core.testing import Installation
from core.testing.fixtures import stop
from tests.databases import MARIADB, POSTGRESQL, Servers
from tests.integration.job_manager.manager import WAIT, Manager, equip

BOTH = [POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)]
#: The process of a machine that is no more.
GONE = "00000000-0000-0000-0000-000000000000:1:77:1"


@pytest.fixture
def manager(tmp_path: Path, server_kind: str, servers: Servers) -> Iterator[Manager]:
    """An installation on a server, whose job manager does not run yet."""
    with servers.new_database(server_kind, tmp_path) as url:
        installation = Installation(tmp_path / "installation", url)
        equip(installation)
        installation.write_config(maxConcurrentWorkers=4, reloadCode=False)
        try:
            with installation.application() as application:
                application.container.get("jobManager").status()  # makes the tables
                yield Manager(installation, application.container)
            stop(installation)
        finally:
            installation.kill_everything()


def machines(manager: Manager) -> dict[str, dict[str, Any]]:
    said = manager.container.get("jobManager").status().to_dict()["machines"]
    return {each["name"]: each for each in said}


def warnings(manager: Manager) -> list[str]:
    said: list[str] = manager.container.get("jobManager").status().to_dict()["warnings"]
    return said


def node_of(name: str, seen_at: datetime | None, clock_skew: float = 0.0) -> Node:
    return Node(name, name, 77, GONE, seen_at, seen_at, 4, "0", clock_skew)


def leave_behind(manager: Manager, *, seen_seconds_ago: float | None) -> dict[str, str]:
    """Jobs of a machine `web9` by the status that is expected of them."""
    held = {"run_node": "web9", "run_process": GONE, "pid": 77, "attempt": 1, "started_at": "2020-01-01 00:00:00"}
    left = {
        "Failed": manager.add(executeTime="2020-01-01 00:00:00"),
        "Pending": manager.add(job_type="Twice", executeTime="2020-01-01 00:00:00"),
        "Canceled": manager.add(executeTime="2020-01-01 00:00:00"),
    }
    for status, job_id in left.items():
        values = {**held, "status": "Canceled" if status == "Canceled" else "Running"}
        sets = ", ".join(f"{name} = ?" for name in values)
        manager.execute(f"UPDATE job SET {sets} WHERE id = ?", *values.values(), job_id)
    if seen_seconds_ago is not None:
        seen_at = clock.now() - timedelta(seconds=seen_seconds_ago)
        database = manager.container.get("connection")
        with database.write() as connection:
            Nodes(database, manager.container.get("schema")).beat(connection, node_of("web9", seen_at))
    return left


@pytest.mark.parametrize("server_kind", BOTH)
def test_a_job_manager_says_that_it_is_there(manager: Manager) -> None:
    manager.start()

    said = manager.until(lambda: machines(manager).get(manager.node))

    assert said["pid"] == manager.process("job-manager").pid
    assert said["secondsSinceSeen"] < 60
    assert (said["workers"], said["running"], abs(said["clockSkew"]) < 2) == (4, 0, True)


@pytest.mark.proof
@pytest.mark.parametrize("server_kind", [POSTGRESQL])
@pytest.mark.proof
def test_it_says_so_again_and_again_also_where_nothing_happens(manager: Manager) -> None:
    manager.start()
    first = manager.until(lambda: machines(manager).get(manager.node))["seenAt"]

    manager.until(lambda: machines(manager)[manager.node]["seenAt"] > first)


@pytest.mark.parametrize("server_kind", [POSTGRESQL])
def test_a_machine_that_holds_jobs_and_is_not_seen_any_more_is_a_warning(manager: Manager) -> None:
    leave_behind(manager, seen_seconds_ago=600)

    (warning,) = [text for text in warnings(manager) if "web9" in text]

    assert warning.startswith("The machine web9 holds 3 jobs, and was seen last 10 min ago.")
    assert "job manager forget web9" in warning


@pytest.mark.parametrize("server_kind", BOTH)
def test_the_jobs_of_a_forgotten_machine_are_closed_or_tried_again(manager: Manager) -> None:
    left = leave_behind(manager, seen_seconds_ago=600)

    shown = manager.installation.console("job", "manager", "forget", "web9")
    assert (shown.returncode, "Nothing has been changed" in shown.stderr) == (0, True)
    assert all(job_id in shown.stdout for job_id in left.values())
    assert {manager.row(job_id)["run_node"] for job_id in left.values()} == {"web9"}

    done = manager.installation.console("job", "manager", "forget", "web9", "--run", "--json")

    becomes = {each["jobId"]: each["becomes"] for each in json.loads(done.stdout)["jobs"]}
    assert becomes == {left["Failed"]: "Failed", left["Pending"]: "Pending", left["Canceled"]: "let go"}
    for status, job_id in left.items():
        row = manager.row(job_id)
        assert (row["status"], row["run_node"], row["run_process"], row["attempt"]) == (status, None, None, 1)
    assert "that the machine web9 is gone for good" in manager.row(left["Failed"])["message"]
    assert manager.installation.query("SELECT node FROM job_attempt WHERE status = 'Failed'")[0]["node"] == "web9"
    assert "web9" not in machines(manager)


@pytest.mark.parametrize("server_kind", [POSTGRESQL])
@pytest.mark.proof
def test_a_machine_that_never_said_anything_can_be_forgotten_too(manager: Manager) -> None:
    left = leave_behind(manager, seen_seconds_ago=None)
    assert machines(manager)["web9"]["seenAt"] is None

    manager.container.get("jobManager").forget("web9")

    assert manager.row(left["Failed"])["status"] == "Failed"


@pytest.mark.parametrize("server_kind", BOTH)
def test_a_machine_that_lives_is_not_forgotten(manager: Manager) -> None:
    left = leave_behind(manager, seen_seconds_ago=20)

    for forget in ("look_at_gone", "forget"):
        with pytest.raises(Conflict, match="The machine web9 lives: it was seen 2"):
            getattr(manager.container.get("jobManager"), forget)("web9")

    assert {manager.row(job_id)["run_node"] for job_id in left.values()} == {"web9"}


@pytest.mark.parametrize("server_kind", [POSTGRESQL])
def test_neither_this_machine_nor_one_that_nobody_knows_can_be_forgotten(manager: Manager) -> None:
    manager.start()
    manager.until(lambda: machines(manager).get(manager.node))

    with pytest.raises(Conflict, match="is this machine"):
        manager.container.get("jobManager").forget(manager.node)
    with pytest.raises(NotFound, match="No machine 'web' has worked on this database"):
        manager.container.get("jobManager").forget("web")


@pytest.mark.parametrize("server_kind", BOTH)
def test_a_machine_that_comes_back_after_it_was_forgotten_ends_its_runs_and_its_ends_are_refused(
    manager: Manager, tmp_path: Path
) -> None:
    other = Installation(tmp_path / "other", manager.installation.database_url)
    equip(other)
    other.write_config(maxConcurrentWorkers=4, reloadCode=False, logger={"level": "INFO"})
    try:
        with other.application() as application:
            # Given two runs of a machine that stands still
            theirs = Manager(other, application.container)
            theirs.start()
            listens = theirs.begin("import time; reach('here')\nwhile True: time.sleep(0.02)", "Hasty", attemptLimit=2)
            ends = theirs.begin(WAIT, attemptLimit=2)
            theirs.until(lambda: machines(manager).get(theirs.node))
            stopped = other.processes()
            for process in stopped:
                process.suspend()
            # When it is forgotten, and the jobs run here
            an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None).isoformat(" ")
            manager.execute("UPDATE job_node SET seen_at = ? WHERE name = ?", an_hour_ago, theirs.node)
            assert {each.becomes for each in manager.container.get("jobManager").forget(theirs.node)} == {"Pending"}
            manager.start()
            for job_id in (listens, ends):
                manager.reached(job_id, "here")
            # And comes back
            theirs.let(ends, "end")
            for process in stopped:
                process.resume()
            # Then what it has to say does not count, and its runs are ended
            theirs.until(lambda: theirs.main_log().count("came too late and was refused") == 2)
            assert {manager.row(job_id)["status"] for job_id in (listens, ends)} == {"Running"}
            for job_id in (listens, ends):
                assert manager.row(job_id)["attempt"] == 2
            manager.let(ends, "end")
            assert manager.ended(ends)["status"] == "Success"
            manager.set_status(listens, "Canceled")
            manager.ended(listens)
        stop(other)
    finally:
        other.kill_everything()


@pytest.mark.proof
@pytest.mark.parametrize("server_kind", [POSTGRESQL])
def test_two_machines_of_one_name_are_an_error(manager: Manager) -> None:
    manager.start()
    manager.until(lambda: machines(manager).get(manager.node))

    def is_said() -> bool:
        manager.execute("UPDATE job_node SET process = ?", GONE)
        return any("says that it is the node" in text for text in warnings(manager))

    manager.until(is_said)


@pytest.fixture
def heartbeat(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Beats once more, whenever it is called."""
    monkeypatch.setattr("core.job_manager.heartbeat._BEAT_SECONDS", 0.0)
    heartbeat, database = Heartbeat(manager.container, DaemonLock(manager.root)), manager.container.get("connection")

    def beat() -> None:
        with database.write():
            heartbeat.beat(4)
        heartbeat.conclude()

    beat()
    return beat


@pytest.mark.parametrize("server_kind", BOTH)
def test_a_job_manager_is_told_that_its_machine_was_forgotten_or_has_a_namesake(
    manager: Manager, heartbeat: Callable[[], None]
) -> None:
    heartbeat()
    assert manager.main_log() == ""

    manager.execute("DELETE FROM job_node")
    heartbeat()
    assert manager.main_log().count("Somebody has forgotten this machine meanwhile") == 1

    manager.execute("UPDATE job_node SET process = ?", GONE)
    heartbeat()
    heartbeat()
    assert manager.main_log().count("says that it is the node") == 1


@pytest.mark.parametrize("server_kind", BOTH)
@pytest.mark.proof
def test_machines_that_hold_nothing_and_were_not_seen_for_a_month_are_taken_away(manager: Manager) -> None:
    database, nodes = manager.container.get("connection"), Nodes(*map(manager.container.get, ("connection", "schema")))
    leave_behind(manager, seen_seconds_ago=31 * 86400)
    with database.write() as connection:
        nodes.beat(connection, node_of("web8", clock.now() - timedelta(days=31)))
        nodes.beat(connection, node_of("web7", clock.now() - timedelta(days=29)))

    Heartbeat(manager.container, DaemonLock(manager.root)).beat(4)

    assert machines(manager).keys() == {"web9", "web7", manager.node}


@pytest.mark.parametrize("server_kind", [POSTGRESQL])
@pytest.mark.proof
def test_why_says_that_nobody_sees_the_machine_of_a_run(manager: Manager) -> None:
    left = leave_behind(manager, seen_seconds_ago=600)

    answer = manager.container.get("jobManager").why(left["Failed"])

    assert (answer.reason, "machine was seen last 10 min ago" in answer.text) == ("machineSilent", True)
    assert "job manager forget web9" in str(answer.remedy)


@pytest.mark.only_sqlite("one machine alone says nothing")
def test_on_sqlite_nothing_is_written(own_manager: Manager) -> None:
    assert own_manager.run()["status"] == "Success"

    assert own_manager.container.get("jobManager").status().machines == ()
    assert own_manager.installation.query("SELECT id FROM job_node") == []


@pytest.mark.parametrize(
    ("skew", "silent_seconds", "words"),
    [(1.9, 3, None), (2.4, 3, "2.4 s ahead of"), (-30, 3, "30.0 s behind"), (-30, 300, None)],
)
def test_a_clock_that_is_wrong_is_an_error(skew: float, silent_seconds: float, words: str | None) -> None:
    said = node_of("web9", clock.now(), skew)

    found = list(worries_about([Machine("web9", said, silent_seconds, 0)], "web1"))

    assert [(words in each.text, each.is_error) for each in found] == ([(True, True)] if words else [])
