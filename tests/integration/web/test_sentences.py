"""What is wrong, and why a job does not run, in the language of whoever reads the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts
from core.application import Application
from core.job_queue.process_identity import ProcessIdentity
from core.testing import Installation
from tests.integration.web.conftest import BROWSER, PASSWORD

pytestmark = pytest.mark.only_sqlite("pages ask services, which are tested on each database")

SCHEMA = {
    "type": "object",
    "properties": {
        "how": {"enum": ["road", "rail"], "title": "Way"},
        "count": {"type": "integer", "minimum": 1, "description": "So many boxes"},
    },
    "required": ["how"],
}
PLACES = ("/", "/dashboard/now", "/workers")
#: Where it is sent, and what is said.
WRONG_FORMS: list[tuple[str, dict[str, str], str]] = [
    ("/settings", {"maxConcurrentWorkers": "3"}, "maxConcurrentWorkers: eine ganze Zahl von 4 bis 50"),
    ("/users", {"userName": "berta", "password": "short"}, "Ein Passwort hat 10 bis 1000 Zeichen."),
    ("/users", {"userName": "anna", "password": PASSWORD}, "Den Benutzer 'anna' gibt es schon."),
    ("/account/tokens", {"days": "many"}, "Dies muss eine ganze Zahl von 1 bis 3650 sein."),
    ("/account/password", {"current": "another", "password": PASSWORD}, "Das ist nicht das eigene Passwort."),
    ("/ScheduledJob/new", {"type": "ClearEntities", "priority": "high"}, "Dies muss eine Zahl sein."),
    ("/Job/new", {"type": "Fw", "name": "x"}, "Den Job-Typ 'Fw' gibt es nicht. Ist 'Few' gemeint?"),
    ("/Job/new", {"type": "Few", "payload": "[]"}, "payload muss ein JSON-Objekt sein."),
    ("/Job/new", {"type": "Few", "payload": "{"}, "payload ist kein JSON: siehe Zeile 1, Spalte 2."),
    ("/Job/new", {"type": "Few", "executeTime": "soon"}, "Dies muss ein Tag mit Uhrzeit sein."),
    ("/Job/new", {"type": "Picky", "payload.how": ""}, "'how' fehlt"),
    ("/Job/new", {"type": "Picky", "payload.how": "by air"}, "'by air' ist keiner der Werte ['road', 'rail']"),
    ("/Job/new", {"type": "Picky", "payload.how": "road", "payload.count": "0"}, "0 ist kleiner als 1"),
    ("/ScheduledJob/new", {"type": "Few", "scheduling": "@daily"}, "Der Job-Typ 'Few' lässt sich nicht einplanen:"),
    (
        "/ScheduledJob/new",
        {"type": "ClearEntities", "scheduling": "@daily", "endsAt": "2020-01-01T00:00:00Z", "isActive": "1"},
        'wird vor endsAt (<time datetime="2020-01-01T00:00:00Z">2020-01-01 00:00:00 UTC</time>) nicht mehr',
    ),
    ("/ScheduledJob/new", {"type": "ClearEntities", "startsAt": "+099999"}, "Dies muss ein Tag mit Uhrzeit sein."),
]


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    installation.add_job_type("Few", "pass", maxConcurrent=1)
    module = installation.add_job_type("Picky", "pass", payloadSchema=SCHEMA, description="Moves boxes")
    own = {"Way": "Weg", "So many boxes": "So viele Kisten", "Moves boxes": "Bewegt Kisten"}
    (module / "Resources/i18n/de_DE").mkdir(parents=True, exist_ok=True)
    (module / "Resources/i18n/de_DE/Job.json").write_text(json.dumps({"labels": own}))
    with installation.application() as application:
        yield application


def add(application: Application, **values: Any) -> str:
    manager = application.container.get("entityManager")
    job = manager.get_entity("Job")
    job.set({"name": "apples", "type": "Few"} | values)
    manager.save_entity(job)
    return str(job.id)


def start_one(application: Application) -> None:
    """This process plays the job manager, and its worker."""
    queue, process = application.container.get("jobQueue"), str(ProcessIdentity.current())
    with application.container.get("connection").write() as connection:
        [candidate] = queue.candidates(connection, 1)
        queue.start(connection, [(candidate, candidate.run_by(process, 77))])


def in_german(browser: TestClient, address: str) -> str:
    """The text of a page, without its elements."""
    page = browser.get(address, headers={"Accept-Language": "de-DE"}).text
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_no_job_manager_runs(browser: TestClient) -> None:
    assert "No job manager is running." in browser.get("/").text

    for place in (*PLACES, "/job-manager"):
        page = in_german(browser, place)
        assert 'Kein Job-Manager läuft. "python console.py cron" startet ihn.' in page, place
        assert "No job manager" not in page, place


def test_descriptions_and_titles_of_job_types_are_translated_by_core_and_by_modules(browser: TestClient) -> None:
    assert "Moves boxes" in browser.get("/Job/new?type=Picky").text

    form = in_german(browser, "/Job/new?type=Picky")
    assert all(text in form for text in ("Bewegt Kisten", "Weg", "So viele Kisten"))
    for address in ("/Job/new", "/modules"):
        page = in_german(browser, address)
        assert "Sendet eine E-Mail über den Mailserver" in page, address
        assert "Moves boxes" not in page, address


def test_a_job_waits_for_its_time(application: Application, browser: TestClient) -> None:
    job_id = add(application, executeTime="2999-01-01 00:00:00")

    page = in_german(browser, f"/Job/{job_id}")

    assert re.search(r"Seine Zeit kommt am 2999-01-01 00:00:00 UTC, in \d+ d", page)
    assert f'"python console.py job {job_id} --run" führt ihn jetzt aus.' in page


def test_its_type_is_unknown(application: Application, browser: TestClient) -> None:
    job_id = add(application, type="Fews")

    page = in_german(browser, f"/Job/{job_id}")

    assert "Kein Modul registriert den Job-Typ 'Fews'. Ist 'Few' gemeint?" in page
    assert "Das Modul installieren oder berichtigen; der Job-Manager lädt das Neue von selbst." in page


def test_its_type_runs_as_many_as_it_may(application: Application, browser: TestClient) -> None:
    job_id = add(application)
    start_one(application)

    for place in PLACES:
        page = in_german(browser, place)
        assert f"Vom Typ 'Few' gibt es höchstens 1 zugleich (maxConcurrent): {job_id} (Prozess 77 auf " in page, place
        assert f'einen beenden: "python console.py job cancel {job_id}".' in page, place


def test_the_reason_of_a_pause_is_shown_as_it_was_typed(application: Application, browser: TestClient) -> None:
    application.container.get("jobManager").pause_type("Few", "<b>{type} {name}</b>", by="{moment}")

    page = browser.get("/workers", headers={"Accept-Language": "de-DE"}).text

    assert "Jobs des Typs &#39;Few&#39; sind angehalten, von {moment} seit <time" in page
    assert "(„&lt;b&gt;{type} {name}&lt;/b&gt;“)" in page


def test_what_programs_read_is_in_english(application: Application, browser: TestClient) -> None:
    job_id, german = add(application, type="Gone"), {"Accept-Language": "de-DE"}

    why = browser.get(f"/api/Job/{job_id}/why", headers=german).json()
    warnings = browser.get("/api/jobManagerStatus", headers=german).json()["warnings"]

    assert why["text"] == "No module registers the job type 'Gone'."
    assert 'No job manager is running. "python console.py cron" starts it.' in warnings


def test_what_is_wrong_with_a_form(browser: TestClient) -> None:
    for address, form, said in WRONG_FORMS:
        answer = browser.post(address, data=form, headers={"Accept-Language": "de-DE"})

        assert answer.status_code in (400, 409), form
        assert said in unescape(answer.text)


def test_what_a_setting_is_to_be(browser: TestClient) -> None:
    english, german = browser.get("/settings").text, in_german(browser, "/settings")
    hints = {text for text in re.findall(r'<small class="form-hint">([^<]+)</small>', english) if " a " in f" {text} "}

    assert len(hints) > 10
    assert [hint for hint in hints if " ".join(unescape(hint).split()) in german] == []


def test_who_mistypes_too_often_and_what_is_not_there(browser: TestClient) -> None:
    missing = in_german(browser, "/Job/nope")
    form = {"userName": "nobody", "password": "wrong password"}
    refused = [browser.post("/login", data=form, headers={"Accept-Language": "de-DE"}) for _ in range(6)][-1]

    assert "Job 'nope' gibt es nicht." in missing
    assert "Zu viele fehlgeschlagene Anmeldungen. Versuchen Sie es in 15 min erneut." in refused.text


def test_what_the_audit_says(application: Application, browser: TestClient) -> None:
    job_id = add(application)
    browser.patch(f"/api/Job/{job_id}", json={"status": "Canceled", "priority": 7})
    browser.post("/api/jobManagerPause", json={"pause": False})

    page = in_german(browser, "/AuditRecord")

    assert "angemeldet Token" in page
    assert f"abgebrochen, geändert Job {job_id}" in page
    assert "fortgesetzt Job-Manager" in page


def test_how_long_a_run_took_has_the_decimals_of_the_language(application: Application, browser: TestClient) -> None:
    ran = {"startedAt": "2026-01-02 03:04:05.000000", "endedAt": "2026-01-02 03:04:06.500000", "attempt": 1}
    job_id = add(application, status="Success", **ran)

    assert "1,50 s" in in_german(browser, f"/Job/{job_id}")
    assert "1.50 s" in browser.get(f"/Job/{job_id}").text


def test_what_one_may_not_do(application: Application, client: TestClient) -> None:
    application.container.get(Accounts).add("vera", PASSWORD, role="viewer")
    client.headers.update({**BROWSER, "Accept-Language": "de-DE"})
    client.post("/login", data={"userName": "vera", "password": PASSWORD})

    assert "Das dürfen nur Administratoren." in client.get("/settings").text
    assert "Das Recht 'create' an Job fehlt." in unescape(client.get("/Job/new").text)
