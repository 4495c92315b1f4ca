"""A mass action by a job does what its asker may do herself, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from core.application import Application
from core.exceptions import Forbidden
from core.job_queue.states import CANCELED, FAILED, PENDING
from core.orm import timed_sqlite
from core.testing import Installation
from tests.integration.mass_actions.scraps import run, run_chunks
from tests.integration.web.conftest import PASSWORD
from tests.integration.web.people import People, shop


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    yield from shop(installation)


@pytest.fixture
def people(application: Application) -> People:
    return People(application)


def add_jobs(people: People, count: int, job_type: str = "Harmless") -> list[str]:
    jobs = [people.manager.get_entity("Job") for _ in range(count)]
    for job in jobs:
        job.set({"name": "x", "type": job_type})
    people.manager.save_entities(jobs)
    return [job.id for job in jobs]


def status_of(people: People, job_id: str) -> str:
    return str(people.manager.get_entity("Job", job_id).get("status"))


def by_filter(browser: TestClient, action: str, status: str) -> str:
    """The id of the job that does it to all jobs of the filter."""
    form = {"action": action, "scope": "filter", "filter": f"status={status}"}
    assert "Jobs: 250" in browser.post("/Job/mass", data=form).text
    answer = browser.post("/Job/mass", data={**form, "confirmed": "1"})
    return str(answer.url.path.removeprefix("/Job/"))


def test_an_operator_cancels_and_retries_more_than_two_hundred_jobs(
    application: Application, browser: TestClient, people: People
) -> None:
    people.add("olga", "operator")
    browser.post("/logout")
    browser.post("/login", data={"userName": "olga", "password": PASSWORD})
    waiting, closed = add_jobs(people, 249), add_jobs(people, 1, "Rebuild")

    creator = by_filter(browser, "cancel", PENDING)
    assert run(application, creator).get("message") == "Jobs: 1"
    [done] = run_chunks(application, creator)

    assert done.get("message").splitlines()[0] == "Records: 250, updated: 250, unchanged: 0, failed: 0"
    assert {status_of(people, each) for each in (waiting[0], waiting[-1], *closed)} == {CANCELED}
    audited = people.manager.get_repository("AuditRecord").where({"recordId": waiting[0]}).find_one()
    assert (audited.get("action"), audited.get("userName"), audited.get("address")) == ("cancel", "olga", "testclient")

    creator = by_filter(browser, "retry", CANCELED)
    run(application, creator)
    [done] = run_chunks(application, creator)

    assert "updated: 249, unchanged: 0, failed: 1" in done.get("message")
    assert "are for administrators alone" in done.get("message")
    assert [status_of(people, each) for each in (waiting[0], *closed)] == [PENDING, CANCELED]


def test_what_is_not_ones_own_stays(application: Application, people: People) -> None:
    user = people.add("nora", None, {"Product": {"read": "all", "edit": "own"}})
    own, foreign = people.store("Product", name="mine", ownerUserId=user.id), people.store("Product", name="hers")
    with people.asking(user) as service:
        started = service("Product").mass_update({"name": "z"}, {"where": []}, as_job=True)["jobId"]

    run(application, started)
    [done] = run_chunks(application, started)

    assert "updated: 1, unchanged: 0, failed: 1" in done.get("message")
    names = [people.manager.get_entity("Product", each.id).get("name") for each in (own, foreign)]
    assert names == ["z", "hers"]


def test_a_job_makes_no_administrator_of_her(application: Application, people: People) -> None:
    user = people.add("olga", "operator")
    own = people.store("Job", type="Harmless", ownerUserId=user.id)
    upsert = {"type": "Upsert", "payload": {"list": [{"entity": "User", "payload": {"id": user.id, "isAdmin": True}}]}}
    with people.asking(user) as service:
        started = service("Job").mass_update(upsert, {"ids": [own.id]}, as_job=True)["jobId"]
        for job_id in (started, own.id):
            assert service("Job").read_entity(job_id)["ownerUserId"] == user.id
        with pytest.raises(Forbidden, match="for administrators alone"):
            service("Job").update_entity(started, {"payload": {"action": "update"}})

    run(application, started)
    [done] = run_chunks(application, started)

    assert (done.get("status"), "for administrators alone" in done.get("message")) == (FAILED, True)
    assert people.manager.get_entity("Job", own.id).get("type") == "Harmless"


@pytest.mark.only_sqlite(
    "a server's limit is a time, and no time is too short for this question and long enough for others"
)
def test_jobs_that_take_too_long_to_be_counted_are_looked_for_by_a_job(
    application: Application, browser: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_jobs(people, 1000)
    wanted = people.store("Job", type="Harmless", name="a needle").id
    monkeypatch.setattr(timed_sqlite, "_STEPS", 5_000)  # more than what pages ask, less than to look through all jobs
    people.manager.database.limit_statements(1e-9)
    form = {"action": "cancel", "scope": "filter", "filter": "name=needle"}

    assert "takes too long" in browser.post("/Job/mass", data=form).text
    answer = browser.post("/Job/mass", data={**form, "confirmed": "1", "byJob": "1"})
    people.manager.database.limit_statements(0)
    creator = answer.url.path.removeprefix("/Job/")
    run(application, creator)
    run_chunks(application, creator)

    assert status_of(people, wanted) == CANCELED
