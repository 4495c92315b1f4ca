"""One's sessions and tokens, and those of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts, Tokens
from core.access.tokens import API
from core.application import Application
from tests.integration.web.conftest import PASSWORD

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def ben(accounts: Accounts, bearer: Bearer) -> dict[str, str]:
    accounts.add("ben", PASSWORD, role="viewer")
    return bearer("ben")


def tokens_of(client: TestClient, headers: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    return client.get(f"/api/tokens{query}", headers=headers).json()["list"]


def test_one_sees_and_revokes_ones_own(
    client: TestClient, accounts: Accounts, tokens: Tokens, ben: dict[str, str]
) -> None:
    other = {"Authorization": f"Bearer {tokens.issue(accounts.get('ben'), API, name='script')[0]}"}
    listed = tokens_of(client, ben)
    assert sorted((each["name"] or "", each["isThis"]) for each in listed) == [("", True), ("script", False)]
    assert "hash" not in str(listed)

    [script] = [each["id"] for each in listed if each["name"] == "script"]
    assert client.delete(f"/api/tokens/{script}", headers=ben).status_code == 204

    assert client.get("/api/me", headers=other).status_code == 401
    assert len(tokens_of(client, ben)) == 1


def test_those_of_others_are_for_administrators(
    client: TestClient, bearer: Bearer, ben: dict[str, str], application: Application
) -> None:
    anna = bearer("anna")
    [hers] = tokens_of(client, anna)
    [his] = tokens_of(client, ben)

    assert client.delete(f"/api/tokens/{hers['id']}", headers=ben).status_code == 404
    assert client.get("/api/tokens?ofEverybody=true", headers=ben).status_code == 403
    assert {each["id"] for each in tokens_of(client, anna, "?ofEverybody=true")} == {hers["id"], his["id"]}
    assert client.delete(f"/api/tokens/{his['id']}", headers=anna).status_code == 204
    assert client.get("/api/me", headers=ben).status_code == 401
    audited = application.container.get("entityManager").get_repository("AuditRecord").where({}).find()
    assert [(row.get("action"), row.get("recordId")) for row in audited] == [("revoke", his["id"])]


def test_a_token_for_reading_revokes_none(client: TestClient, bearer: Bearer) -> None:
    reading = bearer("anna", scope="read")
    [token] = tokens_of(client, reading)

    assert client.delete(f"/api/tokens/{token['id']}", headers=reading).status_code == 403
