"""The first page, by HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from core import clock
from core.access import Accounts
from core.application import Application
from core.job_manager.throughput import read_throughput
from tests.integration.web.conftest import BROWSER, PASSWORD

pytestmark = pytest.mark.only_sqlite("pages ask services, which are tested on each database")


def log_in(client: TestClient, name: str = "anna") -> None:
    client.headers.update(BROWSER)
    client.post("/login", data={"userName": name, "password": PASSWORD})


def test_it_tells_what_waits_what_failed_and_what_to_do(application: Application, client: TestClient) -> None:
    manager, queue = application.container.get("entityManager"), application.container.get("jobQueue")
    job = manager.get_entity("Job")
    job.set({"name": "apples", "type": "Peel", "executeTime": clock.now() - timedelta(minutes=7)})
    manager.save_entity(job)
    with application.container.get("connection").write() as connection:
        queue.counters.add(connection, "Peel", "Failed", 3, clock.now())
    log_in(client)

    page = client.get("/").text

    assert "Peel" in page
    assert "7 min" in page
    assert "No job manager is running." in page
    assert "Jobs that ended: 3, Failed: 3" in page
    figures = re.findall(r'class="panel-figure(?: is-\w+)?"(?: href="([^"]+)")?', page)
    assert figures == ["/Job?status=Running", "/Job?status=Pending", "", "", "/Job?status=Failed"]
    assert client.get("/dashboard/charts?period=nonsense").status_code == 200


def test_it_tells_who_has_paused_the_job_manager_and_when_in_a_moment_of_the_reader(client: TestClient) -> None:
    log_in(client)
    client.post("/job-manager/pause", data={"reason": "since 9999-99-99T99:99:99Z <b>"})

    for address in ("/", "/workers", "/job-manager"):
        page = client.get(address).text
        assert re.search('since <time datetime="[^"]+">[^<]+</time> by anna', page), address
        assert "since 9999-99-99T99:99:99Z &lt;b&gt;" in page


def test_whoever_may_not_read_jobs_is_greeted_and_sees_none(client: TestClient, accounts: Accounts) -> None:
    accounts.add("nora", PASSWORD)
    log_in(client, "nora")

    page = client.get("/").text

    assert "You are logged in." in page
    assert 'href="/Job"' not in page
    assert client.get("/dashboard/now").status_code == 403


def test_stretches_without_a_job_are_there_and_a_mean_is_of_what_ended(application: Application) -> None:
    now = clock.now()
    queue = application.container.get("jobQueue")
    with application.container.get("connection").write() as connection:
        queue.counters.add(connection, "Peel", "Failed", 2, now - timedelta(minutes=30))
        queue.counters.add(connection, "Peel", "Pending", 9, now)

    found = read_throughput(application.container, "hour", now)

    assert (len(found.times), sum(found.ended), sum(found.failed)) == (61, 2, 2)
    assert found.times[-1] == int(now.timestamp()) // 60 * 60
    assert [each for each in found.seconds if each is not None] == [0.0]
