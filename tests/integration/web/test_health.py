"""What is said of the server's health."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from core.application import Application
from core.exceptions import DatabaseUnavailable
from core.testing import Installation


def test_a_healthy_server_says_so(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "config": "ok"}}


@pytest.mark.only_sqlite("the file is moved away")
def test_a_database_that_is_gone_is_told(client: TestClient, installation: Installation) -> None:
    (installation.data / "atro.sqlite").rename(installation.data / "elsewhere.sqlite")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "unavailable")
    assert str(installation.root) not in answer.text
    assert client.get("/healthz").status_code == 200
    refused = client.get("/api/me", headers={"Authorization": "Bearer pyatro_" + "a" * 43})
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")


def test_a_broken_configuration_is_told(client: TestClient, installation: Installation) -> None:
    (installation.data / "config.py").write_text("config = {")

    assert client.get("/readyz").json()["checks"]["config"] == "broken"


@pytest.mark.only_sqlite("no database takes part")
@pytest.mark.parametrize("error", [RuntimeError("the password is swordfish"), DatabaseUnavailable("swordfish")])
def test_what_broke_inside_is_not_told(
    client: TestClient, application: Application, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("core.access.tokens.Tokens.identify", fail)

    answer = client.get("/api/me", headers={"Authorization": "Bearer x"})

    assert answer.status_code in (500, 503)
    assert "swordfish" not in answer.text
