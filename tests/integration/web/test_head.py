"""HEAD, which watchers of a server send."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

pytestmark = pytest.mark.only_sqlite("no database takes part")


def test_it_is_answered_as_get(client: TestClient) -> None:
    for path in ("/login", "/healthz", "/metrics", "/api/openapi.json", "/api/Job", "/nothing"):
        asked, got = client.head(path), client.get(path)

        assert asked.status_code == got.status_code, path
        assert asked.headers["content-type"] == got.headers["content-type"]


def test_a_stream_without_end_has_none(browser: TestClient) -> None:
    assert browser.head("/api/events").status_code == 405


def test_it_changes_nothing(client: TestClient) -> None:
    assert client.head("/logout").status_code == 405
