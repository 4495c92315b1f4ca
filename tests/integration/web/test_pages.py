"""The frame of the panel's pages, by HTTP."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from core.testing import Installation
from core.web.body_limit import LARGEST_BODY
from tests.integration.web.conftest import BROWSER, PASSWORD

GERMAN = {**BROWSER, "Accept-Language": "de-DE"}


def log_in(client: TestClient, password: str = PASSWORD, **fields: str) -> object:
    form = {"userName": "anna", "password": password, **fields}
    return client.post("/login", data=form, headers=BROWSER, follow_redirects=False)


def test_whoever_is_not_logged_in_comes_to_the_login_and_then_to_what_was_asked_for(client: TestClient) -> None:
    sent = client.get("/?a=b", headers=BROWSER, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2F%3Fa%3Db")
    form = client.get(sent.headers["location"], headers=BROWSER)
    assert 'value="/?a=b"' in form.text

    back = log_in(client, next="/?a=b")

    assert (back.status_code, back.headers["location"]) == (303, "/?a=b")
    assert client.get("/", headers=BROWSER).status_code == 200


def test_a_login_sends_nobody_elsewhere(client: TestClient) -> None:
    for target in ("//evil.example", "https://evil.example", "/\\evil", "javascript:x", "/\n/x"):
        assert log_in(client, next=target).headers["location"] == "/", target


def test_a_wrong_password_is_told_and_what_was_typed_is_escaped(client: TestClient) -> None:
    answer = log_in(client, "wrong password", userName="<script>x</script>")

    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert "<script>x" not in answer.text
    assert "wrong password" not in answer.text.replace("or the password is wrong", "")


def test_errors_are_pages_for_people_and_json_for_programs(client: TestClient) -> None:
    log_in(client)

    page, document = client.get("/nothing", headers=BROWSER), client.get("/nothing")
    of_api = client.get("/api/nothing", headers=BROWSER)

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address." in page.text
    assert document.json()["code"] == of_api.json()["code"] == "not_found"


@pytest.mark.only_sqlite("the file is moved away")
@pytest.mark.parametrize("path", ["/", "/login", "/Job"])
def test_a_database_that_is_gone_is_told_by_a_page(browser: TestClient, installation: Installation, path: str) -> None:
    (installation.data / "atro.sqlite").rename(installation.data / "elsewhere.sqlite")

    page = browser.get(path, headers=GERMAN)
    of_api = browser.get("/api/me", headers=GERMAN)

    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "Die Datenbank ist gerade nicht verfügbar. Versuchen Sie es" in page.text
    assert browser.get(re.findall(r'href="(/static/[^"#]+)', page.text)[0]).status_code == 200
    assert of_api.json()["message"].startswith("The database cannot be used")


@pytest.mark.only_sqlite("the file is moved away")
def test_a_part_of_a_page_is_told_in_the_language_of_the_page(browser: TestClient, installation: Installation) -> None:
    (installation.data / "atro.sqlite").rename(installation.data / "elsewhere.sqlite")

    answer = browser.get("/dashboard/now", headers={**GERMAN, "HX-Request": "true"})

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.json()["message"].startswith("Die Datenbank ist gerade nicht verfügbar.")


@pytest.mark.only_sqlite("no database takes part")
def test_a_form_that_is_refused_before_anybody_reads_it_gets_a_page(browser: TestClient) -> None:
    large = browser.post("/Job/new", content=b"a" * (LARGEST_BODY + 1), headers=GERMAN)
    foreign = browser.post("/Job/new", data={}, headers={**GERMAN, "Sec-Fetch-Site": "cross-site"})

    assert large.status_code == 413
    assert "Eine Anfrage darf höchstens 1024 KiB mitbringen." in large.text
    assert foreign.status_code == 403
    assert "Diese Anfrage kam von einer anderen Website" in foreign.text


def test_a_page_speaks_the_language_of_the_browser_unless_another_is_chosen(client: TestClient) -> None:
    german = {**BROWSER, "Accept-Language": "fr;q=0.9, de-AT, en;q=0.5"}
    assert "Benutzername" in client.get("/login", headers=german).text

    client.post("/preferences", data={"locale": "en_US", "theme": "dark"}, headers=BROWSER)

    page = client.get("/login", headers=german).text
    assert "User name" in page
    assert 'data-bs-theme="dark"' in page


def test_a_message_is_shown_once(client: TestClient) -> None:
    log_in(client)
    client.post("/logout", headers=BROWSER, follow_redirects=False)

    assert "You are logged out." in client.get("/login", headers=BROWSER).text
    assert "You are logged out." not in client.get("/login", headers=BROWSER).text


def test_what_a_page_loads_is_kept_for_good_and_comes_from_here(client: TestClient) -> None:
    page = client.get("/login", headers=BROWSER).text
    addresses = set(re.findall(r'(?:href|src)="([^"#]+)', page))

    assert addresses
    for each in addresses:
        assert each.startswith("/")
        answer = client.get(each)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/0/panel.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/0/../app.py").status_code == 404


def test_nothing_in_a_page_needs_what_the_policy_forbids(client: TestClient) -> None:
    log_in(client)

    for path in ("/login", "/", "/nothing"):
        page = client.get(path, headers=BROWSER).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:|<script(?! src=)", page)
