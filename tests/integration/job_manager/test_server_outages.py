"""A database server that is stopped or killed while jobs start, run and end, and comes back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from core.testing import Installation
from core.testing.fixtures import stop
from tests import mariadb_server, postgres_server
from tests.databases import MARIADB, POSTGRESQL, administer
from tests.integration.job_manager.manager import WAIT, Manager, equip
from tests.mariadb_server import MariaDBServer
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.proof

# It says that it ran, and how often.
ONCE = "import os\nwith open(root / 'data' / 'ran', 'a') as ran: os.write(ran.fileno(), (job.id + chr(10)).encode())"


@dataclass
class Setting:
    """A job manager on a server of its own; `how` the server goes: `stop` or `kill`."""

    manager: Manager
    server: PostgresServer | MariaDBServer
    how: str

    def take_server_away(self) -> None:
        """It is gone when this returns."""
        getattr(self.server, self.how)()

    def ran(self) -> list[str]:
        """The ids of the jobs that ran, as often as they did."""
        file = self.manager.root / "data" / "ran"
        return file.read_text().split() if file.exists() else []


@pytest.fixture(params=[(kind, how) for kind in (POSTGRESQL, MARIADB) for how in ("stop", "kill")], ids="-".join)
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    kind, how = request.param
    if not (postgres_server if kind == POSTGRESQL else mariadb_server).is_available():
        pytest.skip(f"NOT TESTED, as a server of our own cannot be started: {kind}.")
    server = PostgresServer(os.getpid(), is_durable=True) if kind == POSTGRESQL else MariaDBServer(os.getpid())
    server.start()
    url = make_url(server.url)
    if kind == MARIADB:
        administer(url, "CREATE DATABASE atro")
        url = url.set(database="atro")
    installation = Installation(tmp_path / "installation", url.render_as_string(hide_password=False))
    equip(installation)
    installation.write_config(maxConcurrentWorkers=4, reloadCode=False)
    try:
        with installation.application() as application:
            manager = Manager(installation, application.container)
            manager.start()
            yield Setting(manager, server, how)
        stop(installation)
    finally:
        installation.kill_everything()
        server.remove()


def test_a_crowd_of_jobs_over_an_outage_ends_and_each_ran_once(setting: Setting) -> None:
    manager = setting.manager
    jobs = [manager.new(ONCE, "Twice") for _ in range(300)]
    manager.entity_manager.save_entities(jobs)
    manager.until(lambda: len(setting.ran()) > 20, "they do not run")

    setting.take_server_away()
    manager.until(lambda: "trying again" in manager.main_log(), "nobody noticed")
    setting.server.start()

    rows = [manager.ended(job.id) for job in jobs]
    assert {row["status"] for row in rows} == {"Success"}
    assert sorted(setting.ran()) == sorted(job.id for job in jobs)


def test_a_worker_whose_job_manager_dies_in_the_outage_keeps_its_end(setting: Setting) -> None:
    manager = setting.manager
    job_id = manager.begin(f"{WAIT}; reach('over')")

    setting.take_server_away()
    manager.let(job_id, "end")
    manager.until((manager.installation.data / "marks" / f"{job_id}.over").exists, "it did not end")
    manager.kill_daemon()
    setting.server.start()

    row = manager.ended(job_id)
    assert (row["status"], row["attempt"]) == ("Success", 1)
    manager.start()
    assert manager.run()["status"] == "Success"


def test_a_job_that_is_killed_in_the_outage_is_tried_again_afterwards(setting: Setting) -> None:
    manager = setting.manager
    job_id = manager.begin("import os\nif job.get('attempt') == 1: reach('here'); os.kill(os.getpid(), 9)", "Twice")
    waits = manager.begin(f"{WAIT}; os.kill(os.getpid(), 9) if job.get('attempt') == 1 else None", "Twice")

    setting.take_server_away()
    manager.let(waits, "end")
    manager.until(lambda: "trying again" in manager.main_log(), "nobody noticed")
    setting.server.start()

    for each in (job_id, waits):
        row = manager.ended(each)
        assert (row["status"], row["attempt"]) == ("Success", 2)
