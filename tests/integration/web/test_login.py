"""Who is let in, and by what."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from core import clock
from core.access import Accounts, Tokens
from core.access.tokens import API, SESSION
from core.application import Application
from core.web import body_limit
from tests.integration.web.conftest import ADDRESS, PASSWORD

OWN = {"Origin": ADDRESS}


def log_in(client: TestClient, name: str = "anna", password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/api/login", json={"userName": name, "password": password}, headers=headers)


def test_a_session_begins_and_ends(client: TestClient) -> None:
    assert client.get("/api/me").status_code == 401

    answer = log_in(client)

    assert answer.status_code == 200
    assert client.get("/api/me").json() == answer.json()
    assert answer.json()["isAdmin"] is True
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # it would not come back over HTTP

    stolen = dict(client.cookies)
    assert client.post("/api/logout", headers=OWN).status_code == 204
    client.cookies.update(stolen)
    assert client.get("/api/me").status_code == 401


def test_the_cookie_is_secure_where_the_server_is_known_by_https(client: TestClient, application: Application) -> None:
    application.container.get("config").set("web", {"url": "https://jobs.example.org"})

    assert "Secure" in log_in(client).headers["set-cookie"]


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("an\0na", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(client: TestClient, name: str, password: str) -> None:
    answer = log_in(client, name, password)

    assert answer.status_code == 401
    assert answer.json() == {"code": "unauthorized", "message": "The name or the password is wrong.", "field": None}


def test_an_inactive_user_is_out_at_once(client: TestClient, accounts: Accounts, application: Application) -> None:
    log_in(client)
    anna = accounts.get("anna")
    anna.set("isActive", False)
    application.container.get("entityManager").save_entity(anna)

    assert client.get("/api/me").status_code == 401
    assert log_in(client, Origin=ADDRESS).status_code == 401


def test_who_guesses_has_to_wait_and_others_have_not(client: TestClient, accounts: Accounts) -> None:
    accounts.add("ben", PASSWORD)
    assert [log_in(client, password="wrong").status_code for _ in range(6)] == [401] * 5 + [429]

    refused = log_in(client)  # the right password does not help now

    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert log_in(client, "ben").status_code == 200


def test_a_token_is_shown_as_a_bearer_or_as_atrocore_does(
    client: TestClient, accounts: Accounts, tokens: Tokens
) -> None:
    secret, _ = tokens.issue(accounts.get("anna"), API)

    def named(name: str) -> dict[str, str]:
        return {"Authorization-Token": base64.b64encode(f"{name}:{secret}".encode()).decode()}

    assert client.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get("/api/me", headers=named("anna")).status_code == 200
    assert client.get("/api/me", headers=named("ben")).status_code == 401


#: header
NO_TOKENS = ["Bearer", "Bearer x", "Bearer pyatro_" + "a" * 43, "Basic YTpi", ""]


def test_what_is_no_token_opens_nothing(client: TestClient) -> None:
    for header in NO_TOKENS:
        answer = client.get("/api/me", headers={"Authorization": header})

        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"] == "Bearer", header


def test_a_session_is_no_token_and_a_token_no_session(client: TestClient, accounts: Accounts, tokens: Tokens) -> None:
    session, _ = tokens.issue(accounts.get("anna"), SESSION)

    assert client.get("/api/me", headers={"Authorization": f"Bearer {session}"}).status_code == 401


def test_a_token_ends_by_time_and_when_it_is_revoked(client: TestClient, accounts: Accounts, tokens: Tokens) -> None:
    anna = accounts.get("anna")
    old, _ = tokens.issue(anna, API, expires_at=clock.now() - timedelta(seconds=1))
    revoked, token = tokens.issue(anna, API)
    tokens.revoke(token.id)

    for secret in (old, revoked):
        assert client.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert tokens.forget_expired() == 1


def test_the_last_use_of_a_token_is_noted(client: TestClient, accounts: Accounts, tokens: Tokens) -> None:
    secret, _ = tokens.issue(accounts.get("anna"), API)

    client.get("/api/me", headers={"Authorization": f"Bearer {secret}"})

    (token,) = tokens.of(accounts.get("anna"), API)
    assert token.get("lastUsedAt") is not None


@pytest.mark.only_sqlite("a server has no turn to hold")
def test_a_busy_database_keeps_nobody_from_reading(
    client: TestClient, bearer: Callable[..., dict[str, str]], application: Application
) -> None:
    header = bearer()
    held, done = threading.Event(), threading.Event()

    def write_for_long() -> None:
        with application.container.get("connection").write():
            held.set()
            done.wait(60)

    writer = threading.Thread(target=write_for_long)
    writer.start()
    try:
        assert held.wait(30)
        assert client.get("/api/me", headers=header).status_code == 200
    finally:
        done.set()
        writer.join()


def test_no_secret_is_stored(client: TestClient, accounts: Accounts, tokens: Tokens, application: Application) -> None:
    secret, _ = tokens.issue(accounts.get("anna"), API)
    connection = application.container.get("connection")

    with connection.read() as reading:
        rows = [
            tuple(row)
            for table in ("AuthToken", "UserPassword", "User")
            for row in reading.execute(application.container.get("schema").table(table).select())
        ]

    assert len(rows) == 3
    assert secret not in repr(rows)
    assert PASSWORD not in repr(rows)


def test_a_token_for_reading_changes_nothing(client: TestClient, bearer: Callable[..., dict[str, str]]) -> None:
    header = bearer(scope="read")

    assert client.get("/api/me", headers=header).json()["scope"] == "read"
    assert client.post("/api/logout", headers=header).status_code == 403
    assert client.get("/api/me", headers=header).status_code == 200


#: headers, status
CHANGES = [
    ({}, 403),  # a cookie, and no word of where it comes from
    ({"Origin": ADDRESS}, 204),
    ({"Sec-Fetch-Site": "same-origin"}, 204),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": ADDRESS}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "http://127.0.0.1:8001"}, 403),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, 403),
]


def test_a_change_comes_from_our_own_pages(client: TestClient) -> None:
    for headers, status in CHANGES:
        log_in(client)

        assert client.post("/api/logout", headers=headers).status_code == status, headers
        assert client.get("/api/me").status_code == (401 if status == 204 else 200), headers


def test_another_site_logs_nobody_in(client: TestClient) -> None:
    assert log_in(client, Origin="http://evil.example").status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "userName"),
        ({"userName": "anna", "password": 5}, "password"),
        ({"userName": "anna", "password": "a", "x": 1}, "x"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(client: TestClient, body: dict[str, Any], field: str) -> None:
    answer = client.post("/api/login", json=body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert answer.json()["field"] == field


def test_a_body_that_is_no_json_or_too_large_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "LARGEST_BODY", 1000)
    headers = {"Content-Type": "application/json"}

    def chunks() -> Any:
        yield from [b" " * 600] * 2

    assert client.post("/api/login", content=b"{", headers=headers).status_code == 400
    assert client.post("/api/login", content=b" " * 1001, headers=headers).status_code == 413
    assert client.post("/api/login", content=chunks(), headers=headers).json()["code"] == "too_large"


def test_an_unknown_address_and_a_wrong_method_are_told_as_json(client: TestClient) -> None:
    assert client.get("/nothing").json()["code"] == "not_found"
    assert client.put("/api/login").json()["code"] == "method_not_allowed"


def test_every_answer_has_a_policy_for_browsers(client: TestClient) -> None:
    for path in ("/healthz", "/api/me", "/nothing"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_the_present_user_is_the_one_who_asks(application: Application, accounts: Accounts) -> None:
    manager, anna = application.container.get("entityManager"), accounts.get("anna")
    elsewhere: list[str] = []
    with manager.acting_as(anna):
        thread = threading.Thread(target=lambda: elsewhere.append(manager.user_id))
        thread.start()
        thread.join()
        assert application.container.get("user").id == manager.user_id == anna.id

    assert elsewhere == ["system"]
    assert application.container.get("user").id == manager.user_id == "system"
