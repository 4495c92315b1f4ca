"""Limits of job types, pauses and reserved workers, with a job manager at work."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from core.orm.column_types import moment_or_none
from core.testing import Installation
from core.testing.fixtures import stop
from tests.databases import SQLITE, Servers
from tests.integration.job_manager.manager import WAIT, Manager, equip

TYPES = {
    "Few": {"maxConcurrent": 1},
    "ByCustomer": {"concurrencyKey": "{customer}"},
    "Slow": {"rateLimit": "1/second"},
}


@pytest.fixture(scope="module")
def bounded_installation(
    installation_kind: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with limited types, and two of its four workers for urgent jobs."""
    folder = tmp_path_factory.mktemp("bounded")
    with servers.new_database(installation_kind, folder) as url:
        installation = Installation(folder / "installation", None if installation_kind == SQLITE else url)
        equip(installation)
        types = {name: {"handler": "\\Scripts\\Jobs\\Script", **entry} for name, entry in TYPES.items()}
        installation.add_module("Bounds", {"Resources/metadata/app/jobTypes.json": types})
        installation.write_config(maxConcurrentWorkers=4, reservedWorkers={"priority>=200": 2})
        try:
            yield installation
            stop(installation)
        finally:
            installation.kill_everything()


@pytest.fixture
def bounded(bounded_installation: Installation) -> Iterator[Manager]:
    """Its job manager, which must be at rest again at the end."""
    with bounded_installation.application() as application:
        manager = Manager(bounded_installation, application.container)
        manager.start()
        yield manager
        manager.be_at_rest()


def by_customer(manager: Manager, customer: str, code: str = "") -> str:
    return manager.add(job_type="ByCustomer", payload={"customer": customer, "code": code})


def test_a_type_at_its_limit_lets_others_pass_and_goes_on_when_a_run_ends(bounded: Manager) -> None:
    running = bounded.begin(WAIT, "Few")
    waiting = bounded.add(job_type="Few", priority=300)

    bounded.run(priority=1)
    status_of_waiting = bounded.row(waiting)["status"]
    bounded.let(running, "end")

    assert status_of_waiting == "Pending"
    assert bounded.ended(waiting)["status"] == "Success"


def test_many_jobs_of_a_limited_type_run_one_after_the_other(bounded: Manager) -> None:
    code = "import time; time.sleep(0.01)"
    jobs = [bounded.new(code, "Few") for _ in range(20)]
    bounded.entity_manager.save_entities(jobs)

    rows = sorted((bounded.ended(job.id) for job in jobs), key=lambda row: str(row["started_at"]))

    assert all(str(one["ended_at"]) <= str(two["started_at"]) for one, two in pairwise(rows))


def test_jobs_of_one_key_wait_for_each_other_and_for_no_other_key(bounded: Manager) -> None:
    ada = by_customer(bounded, "ada", WAIT)
    bounded.reached(ada, "here")
    also_ada, bob = by_customer(bounded, "ada"), by_customer(bounded, "bob")

    bounded.ended(bob)
    status_of_waiting = bounded.row(also_ada)["status"]
    bounded.let(ada, "end")

    assert status_of_waiting == "Pending"
    assert bounded.ended(also_ada)["status"] == "Success"


def test_no_more_start_than_the_rate_lets(bounded: Manager) -> None:
    jobs = [bounded.add(job_type="Slow") for _ in range(2)]

    first, second = (moment_or_none(bounded.ended(job_id)["started_at"]) for job_id in jobs)

    assert first is not None
    assert second is not None
    assert (second - first).total_seconds() >= 1


def test_a_paused_type_waits_until_it_is_resumed(bounded: Manager) -> None:
    job_manager = bounded.container.get("jobManager")
    job_manager.pause_type("Few", "the supplier is closed")

    waiting = bounded.add(job_type="Few")
    bounded.run()
    status_of_waiting = bounded.row(waiting)["status"]

    assert job_manager.resume_type("Few")
    assert status_of_waiting == "Pending"
    assert bounded.ended(waiting)["status"] == "Success"


def test_a_pause_everywhere_lets_nothing_start(bounded: Manager) -> None:
    job_manager = bounded.container.get("jobManager")
    job_manager.pause_everywhere()

    waiting = bounded.add(priority=500)
    why = job_manager.why(waiting).reason
    resumed = job_manager.resume_everywhere()

    assert (why, resumed) == ("pausedEverywhere", True)
    assert bounded.ended(waiting)["status"] == "Success"


def test_a_slow_crowd_leaves_workers_free_for_urgent_jobs(bounded: Manager) -> None:
    slow = [bounded.begin(WAIT) for _ in range(2)]
    waiting = bounded.add()

    bounded.run(priority=200)
    job_manager = bounded.container.get("jobManager")
    # A worker is known to be at rest a moment after its job's end is written.
    bounded.until(lambda: job_manager.why(waiting).reason == "reserved", "why does not name the reservation")
    why = job_manager.why(waiting)
    for job_id in slow:
        bounded.let(job_id, "end")

    assert "priority from 200 on; its own is 100" in why.text
    assert bounded.ended(waiting)["status"] == "Success"
