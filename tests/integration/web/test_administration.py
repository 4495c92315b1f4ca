"""Settings, users and what is installed, as pages."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from core.access import Accounts
from core.application import Application
from core.orm import EntityManager
from core.testing import Installation
from tests.integration.web.conftest import PASSWORD

pytestmark = pytest.mark.only_sqlite("pages ask services, which are tested on each database")


def test_a_setting_is_written_into_the_file_and_nothing_else_is(
    installation: Installation, application: Application, browser: TestClient
) -> None:
    file = installation.data / "config.py"
    file.write_text('config = {\n    "own": 1,  # ours\n    "web": {"sessionHours": 12},\n}\n')

    changes = {"maxConcurrentWorkers": "9", "web.sessionHours": "8", "timeZone": "Europe/Berlin", "language": "en_US"}
    answer = browser.post("/settings", data=changes)

    assert "Saved." in answer.text
    written = file.read_text()
    assert "# ours" in written
    assert ('"maxConcurrentWorkers": 9' in written, "language" in written) == (True, False)
    config = application.container.get("config")
    assert (config.get("web.sessionHours"), config.get("timeZone"), config.get("own")) == (8, "Europe/Berlin", 1)
    browser.post("/settings", data={"timeZone": ""})
    assert "timeZone" not in file.read_text()


def test_a_value_that_may_not_be_is_told_and_nothing_is_written(
    installation: Installation, application: Application, browser: TestClient
) -> None:
    answer = browser.post("/settings", data={"maxConcurrentWorkers": "9", "timeZone": "Atlantis", "redact": "[1]"})

    assert answer.status_code == 400
    assert ('id="fault-timeZone"' in answer.text, 'id="fault-redact"' in answer.text) == (True, True)
    assert 'value="Atlantis"' in answer.text
    too_many = browser.post("/settings", data={"maxConcurrentWorkers": "99"})
    assert (too_many.status_code, "a whole number from 4 to 50" in too_many.text) == (400, True)
    assert not (installation.data / "config.py").exists()
    assert application.container.get("config").get("maxConcurrentWorkers") == 6


def test_an_expression_in_the_file_is_not_replaced(
    installation: Installation, application: Application, browser: TestClient
) -> None:
    text = 'import os\n\nconfig = {"maxConcurrentWorkers": int(os.environ.get("PYATRO_WORKERS", "5"))}\n'
    (installation.data / "config.py").write_text(text)

    page = browser.get("/settings").text
    answer = browser.post("/settings", data={"maxConcurrentWorkers": "9"})

    assert re.search(r'name="maxConcurrentWorkers"[^>]* disabled>', page)
    assert not re.search(r'name="shutdownTimeout"[^>]* disabled>', page)

    assert answer.status_code == 409
    assert (installation.data / "config.py").read_text() == text
    assert application.container.get("config").get("maxConcurrentWorkers") == 5


def test_a_file_that_cannot_be_read_is_told_and_its_settings_are_no_expressions(
    installation: Installation, application: Application, browser: TestClient
) -> None:
    (installation.data / "config.py").write_text('config = {"maxConcurrentWorkers": 5}\n')
    application.container.get("config").reload_if_changed()
    (installation.data / "config.py").write_text("config = {")
    german = {"Accept-Language": "de-DE"}

    settings = browser.get("/settings", headers=german).text
    others = [unescape(browser.get(path, headers=german).text) for path in ("/", "/dashboard/now", "/workers")]

    assert "Die letzten guten Einstellungen bleiben in Kraft." in settings
    assert "kommt von einem Ausdruck" not in settings
    assert re.search(r'name="maxConcurrentWorkers" value="5"[^>]* disabled>', settings)
    assert "Die Datei lässt sich nicht lesen" in settings
    assert ["data/config.py auf der Maschine berichtigen" in page for page in others] == [True, True, True]


def test_a_user_is_added_gets_a_token_and_another_password(browser: TestClient) -> None:
    short = browser.post("/users", data={"userName": "viola", "password": "short"})
    assert (short.status_code, 'value="viola"' in short.text) == (400, True)
    added = browser.post("/users", data={"userName": "viola", "password": PASSWORD, "role": "viewer"})
    path = added.url.path

    issued = browser.post(f"{path}/tokens", data={"name": "ci", "days": "5"})
    secret = re.search(r"<code>([^<]+)</code>", issued.text)[1]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert browser.get("/api/me", headers=bearer).json()["userName"] == "viola"
    page = browser.get(path).text
    assert ("ci" in page, secret in page) == (True, False)

    browser.post(re.search(r'action="(/users/[^"]+/revoke)"', page)[1])
    assert browser.get("/api/me", headers=bearer).status_code == 401

    assert "The password is changed" in browser.post(f"{path}/password", data={"password": "another long one"}).text
    browser.post("/logout")
    browser.post("/login", data={"userName": "viola", "password": "another long one"})
    assert browser.get("/Job").status_code == 200


def test_what_is_done_is_in_the_audit_without_secrets(browser: TestClient) -> None:
    browser.post("/users", data={"userName": "viola", "password": PASSWORD})
    browser.post("/settings", data={"maxConcurrentWorkers": "9"})

    page = browser.get("/AuditRecord").text

    assert ("Settings" in page, "User" in page, PASSWORD in page) == (True, True, False)


def test_the_audit_is_narrowed_to_what_was_done_to_a_record(browser: TestClient) -> None:
    browser.post("/users", data={"userName": "viola", "password": PASSWORD})
    browser.post("/settings", data={"maxConcurrentWorkers": "9"})

    page = browser.get("/AuditRecord?filter.scope=Settings&filter.userName=a&filter.createdAt=2020-01-01").text
    rows = page.partition("<tbody>")[2]

    assert ("Settings" in rows, ">User<" in rows) == (True, False)
    assert 'name="filter.recordId"' in page


def test_the_audit_has_who_came_in_and_what_was_done_to_the_installation(
    browser: TestClient, application: Application
) -> None:
    job = browser.post("/api/Job", json={"type": "RetryFailedJobs"}).json()["id"]
    browser.post(f"/Job/{job}/debug")
    browser.post("/api/clearCache")
    browser.post("/api/rebuildDb")
    browser.post("/logout")
    for _ in range(7):
        browser.post("/login", data={"userName": "mallory\0", "password": "a wrong password"})
        browser.post("/api/login", json={"userName": "anna", "password": "a wrong password"})

    rows = application.container.get(EntityManager).get_repository("AuditRecord").order("id").find()
    assert [(row.get("action"), row.get("scope"), row.get("userName")) for row in rows] == [
        ("login", "AuthToken", "anna"),
        ("create", "Job", "anna"),
        ("debug", "Job", "anna"),
        ("clear", "Cache", "anna"),
        ("rebuild", "Database", "anna"),
        ("logout", "AuthToken", "anna"),
        ("loginRefused", "AuthToken", None),
        ("loginRefused", "AuthToken", "anna"),
        ("loginRefused", "AuthToken", None),
        ("loginRefused", "AuthToken", "anna"),
    ]
    assert [row.get("after") for row in rows[-2:]] == [{"failures": 5}] * 2
    assert {row.get("address") for row in rows} == {"testclient"}
    assert all("wrong password" not in str(row.to_dict()) for row in rows)


def test_modules_are_shown_with_what_they_register_and_what_was_set_aside(
    installation: Installation, browser: TestClient
) -> None:
    page = browser.get("/modules").text

    assert "RetryFailedJobs" in page
    assert "No job manager is running." in browser.get("/workers").text


def test_administration_is_for_administrators(browser: TestClient, accounts: Accounts) -> None:
    accounts.add("otto", PASSWORD, role="operator")
    user = accounts.get("anna").id
    browser.post("/logout")
    browser.post("/login", data={"userName": "otto", "password": PASSWORD})

    first = browser.get("/").text
    assert ('href="/Job"' in first, 'href="/settings"' in first, 'href="/users"' in first) == (True, False, False)
    for address in ("/settings", "/users", f"/users/{user}", "/modules", "/AuditRecord", "/User", "/Role"):
        assert browser.get(address).status_code == 403, address
    for address in ("/settings", "/users", f"/users/{user}/password", f"/users/{user}/tokens"):
        assert browser.post(address, data={"password": PASSWORD}).status_code == 403, address
