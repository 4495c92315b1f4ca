"""The pages of schedules, by HTTP."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts
from core.application import Application
from core.job_queue.switched_off import switched_off
from core.orm import Entity, EntityManager
from tests.integration.web.conftest import BROWSER, PASSWORD
from tests.integration.web.test_pages import log_in

FORM = {
    "type": "RetryFailedJobs",
    "name": "Again",
    "scheduling": "0 2 * * 1-5",
    "timeZone": "Europe/Berlin",
    "overlap": "skip",
    "catchUp": "none",
    "jitterSeconds": "30",
    "maxFailures": "",
    "priority": "12.5",
    "startsAt": "",
    "endsAt": "",
    "isActive": "1",
}


@pytest.fixture
def manager(application: Application) -> EntityManager:
    return application.container.get(EntityManager)


def post(client: TestClient, path: str, form: dict[str, str] | None = None) -> Any:
    return client.post(path, data=form or {}, headers=BROWSER, follow_redirects=False)


def schedule_named(manager: EntityManager, name: str) -> Entity | None:
    found: Entity | None = manager.get_repository("ScheduledJob").where("name", name).find_one()
    return found


@pytest.fixture
def schedule(client: TestClient, manager: EntityManager) -> Entity:
    log_in(client)
    answer = post(client, "/ScheduledJob/new", FORM)
    assert answer.status_code == 303, answer.text
    found = schedule_named(manager, "Again")
    assert found is not None
    return found


def test_a_schedule_is_made_shown_and_listed(client: TestClient, schedule: Entity) -> None:
    kept = {name: schedule.get(name) for name in ("type", "timeZone", "overlap", "jitterSeconds", "priority")}
    assert kept == {
        "type": "RetryFailedJobs",
        "timeZone": "Europe/Berlin",
        "overlap": "skip",
        "jitterSeconds": 30,
        "priority": 12.5,
    }
    german = {**BROWSER, "Accept-Language": "de"}

    page = client.get(f"/ScheduledJob/{schedule.id}", headers=german).text
    listed = client.get("/ScheduledJob?name=gai", headers=german).text

    assert "Um 02:00 Uhr von Montag bis Freitag" in page
    assert "Um 02:00 Uhr von Montag bis Freitag" in listed
    assert "Again" not in client.get("/ScheduledJob?name=none", headers=german).text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("scheduling", "0 99 * * *", "99 is out of range"),
        ("jitterSeconds", "many", "whole number"),
        ("timeZone", "Europe/Berln", "Europe/Berlin"),
    ],
)
def test_a_fault_is_told_and_what_was_typed_is_kept(
    client: TestClient, manager: EntityManager, field: str, typed: str, said: str
) -> None:
    log_in(client)

    answer = post(client, "/ScheduledJob/new", {**FORM, field: typed})

    assert answer.status_code == 400
    assert f'value="{typed}"' in answer.text
    assert said in answer.text
    assert schedule_named(manager, "Again") is None


def test_a_schedule_is_changed_but_for_its_type(client: TestClient, manager: EntityManager, schedule: Entity) -> None:
    changed = {**FORM, "type": "ClearEntities", "name": "Later", "scheduling": "0 4 * * *"}

    assert post(client, f"/ScheduledJob/{schedule.id}/edit", changed).status_code == 303

    found = schedule_named(manager, "Later")
    assert found is not None
    assert (found.id, found.get("scheduling"), found.get("type")) == (schedule.id, "0 4 * * *", "RetryFailedJobs")


def test_a_schedule_and_the_list_are_told_anew_when_they_have_changed(client: TestClient, schedule: Entity) -> None:
    for address, is_active in (("/ScheduledJob", "0"), (f"/ScheduledJob/{schedule.id}", "1")):
        part = re.search(r'hx-get="(/ScheduledJob[^"]+seen=)"', client.get(address).text)[1]
        shown = client.get(part, headers={"HX-Request": "true"}).text
        seen = re.search(r'hx-get="(/ScheduledJob[^"]+seen=[^"]+)"', shown)[1]

        assert client.get(seen, headers={"HX-Request": "true"}).status_code == 204
        post(client, f"/ScheduledJob/{schedule.id}/active", {"isActive": is_active})
        assert client.get(seen, headers={"HX-Request": "true"}).status_code == 200


def test_a_schedule_is_paused_run_now_and_removed(client: TestClient, manager: EntityManager, schedule: Entity) -> None:
    post(client, f"/ScheduledJob/{schedule.id}/active", {"isActive": "0"})
    paused = schedule_named(manager, "Again")
    assert paused is not None
    assert paused.get("isActive") is False

    ran = post(client, f"/ScheduledJob/{schedule.id}/run")

    job = manager.get_repository("Job").where("scheduledJobId", schedule.id).find_one()
    assert ran.headers["location"] == f"/Job/{job.id}"
    assert f"/Job/{job.id}" in client.get(f"/ScheduledJob/{schedule.id}", headers=BROWSER).text
    post(client, f"/ScheduledJob/{schedule.id}/delete")
    assert client.get(f"/ScheduledJob/{schedule.id}", headers=BROWSER).status_code == 404


def test_the_chart_has_the_seconds_of_runs_by_their_end(
    client: TestClient, manager: EntityManager, schedule: Entity
) -> None:
    for status, ended in (("Success", "10:00:02"), ("Failed", "11:00:05")):
        job = manager.get_entity("Job")
        job.set({"name": "x", "type": "RetryFailedJobs", "scheduledJobId": schedule.id, "status": status})
        job.set({"executeTime": "2026-01-01 00:00:00", "startedAt": f"2026-01-01 {ended[:6]}00"})
        job.set("endedAt", f"2026-01-01 {ended}")
        manager.save_entity(job)

    page = client.get(f"/ScheduledJob/{schedule.id}", headers=BROWSER).text

    assert "[2.0, null]" in page
    assert "[null, 5.0]" in page


def test_what_one_types_is_explained(client: TestClient) -> None:
    log_in(client)

    def explained(scheduling: str, zone: str = "") -> str:
        return client.get(
            "/ScheduledJob/cron", params={"scheduling": scheduling, "timeZone": zone}, headers=BROWSER
        ).text

    assert explained("*/5 * * * *", "Asia/Tokyo").count("<time ") == 10
    assert "Every 5 minutes" in explained("*/5 * * * *")
    assert "panel-alert-warning" in explained("nonsense")
    assert "255" in explained("1," * 200)


def test_what_may_surprise_is_said_in_the_language_of_the_reader(client: TestClient) -> None:
    log_in(client)
    typed = {"scheduling": "0 0 */20 2 *", "timeZone": "UTC"}

    german = client.get("/ScheduledJob/cron", params=typed, headers={**BROWSER, "Accept-Language": "de"})

    assert "*/20 bei Tag des Monats ist nur Tag 20: Gezählt wird jeden Monat von vorn." in unescape(german.text)


def test_a_viewer_reads_and_changes_nothing(client: TestClient, accounts: Accounts, schedule: Entity) -> None:
    accounts.add("vera", PASSWORD, role="viewer")
    log_in(client, userName="vera")

    page = client.get(f"/ScheduledJob/{schedule.id}", headers=BROWSER)

    assert page.status_code == 200
    assert "/edit" not in page.text
    assert client.get("/ScheduledJob/new", headers=BROWSER).status_code == 403
    refused = [post(client, f"/ScheduledJob/{schedule.id}/{each}") for each in ("edit", "active", "run", "delete")]
    assert [each.status_code for each in refused] == [403] * 4


def test_who_may_only_edit_changes_the_rest_of_a_schedule_that_is_active(
    client: TestClient, accounts: Accounts, manager: EntityManager
) -> None:
    log_in(client)
    form = {**FORM, "type": "ClearEntities"}
    address = post(client, "/ScheduledJob/new", form).headers["location"]
    role = manager.get_entity("Role")
    role.set({"name": "Editors", "data": {"ScheduledJob": {"read": "all", "edit": "all", "pause": "no"}}})
    manager.save_entity(role)
    manager.get_repository("User").relate(accounts.add("nora", PASSWORD), "roles", role)
    log_in(client, userName="nora")

    renamed = post(client, f"{address}/edit", {**form, "name": "Later"})
    paused = post(client, f"{address}/edit", {**form, "name": "Later", "isActive": ""})

    assert (renamed.status_code, paused.status_code) == (303, 403)
    assert schedule_named(manager, "Later") is not None


@pytest.mark.only_sqlite("pages ask services, which are tested on each database")
def test_a_schedule_that_failed_too_often_is_shown_where_people_look(
    client: TestClient, schedule: Entity, manager: EntityManager
) -> None:
    schedule.set({"isActive": False, "maxFailures": 3, "message": str(switched_off(3))})
    manager.save_entity(schedule, {"skipBeforeSave": True})
    german = {**BROWSER, "Accept-Language": "de"}

    for path in ("/ScheduledJob", f"/ScheduledJob/{schedule.id}"):
        assert "Abgeschaltet, da er 3-mal hintereinander fehlgeschlagen ist" in client.get(path, headers=german).text
    dashboard = unescape(client.get("/", headers=german).text)
    assert f"wurden abgeschaltet (maxFailures): 'Again' ({schedule.id})." in dashboard
    assert f"schedule resume {schedule.id}" in dashboard


@pytest.mark.only_sqlite("no database takes part")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"scheduling": "0 99 * * *"}, "Stunde '99': 99 liegt außerhalb; es geht von 0 bis 23."),
        ({"scheduling": "0 2 * * SONNTAG"}, "SONNTAG ist unbekannt; es geht von 0 bis 7, oder von SUN bis SAT."),
        ({"scheduling": "@dayly"}, "@dayly ist unbekannt; es gibt @yearly,"),
        ({"scheduling": "0 0 30 2 *"}, "den Tag '30' gibt es im Monat '2' nie;"),
        ({"timeZone": "Europe/Berlim"}, "Die Zeitzone 'Europe/Berlim' ist unbekannt. Ist Europe/Berlin oder"),
    ],
)
def test_what_is_wrong_with_a_time_is_said_once_in_the_readers_language(
    client: TestClient, typed: dict[str, str], said: str
) -> None:
    log_in(client)
    german = {**BROWSER, "Accept-Language": "de"}

    form = unescape(client.post("/ScheduledJob/new", data=FORM | typed, headers=german).text)
    preview = client.get("/ScheduledJob/cron", params={"scheduling": "0 2 * * *"} | typed, headers=german).text

    assert form.count(said) == 1
    assert said in unescape(preview)
