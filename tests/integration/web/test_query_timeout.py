"""What a request asks of the database ends in time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from core.application import Application
from core.orm import Database, EntityManager
from core.testing import Installation
from tests.integration.web.conftest import BROWSER

_LIMIT_SECONDS = 0.05
_ROWS = 8_000
_CROSSED = "SELECT COUNT(*) FROM thing a CROSS JOIN (SELECT name FROM thing LIMIT {}) b WHERE a.name < b.name"
_ENDLESS = "SELECT COUNT(*) FROM thing a CROSS JOIN thing b CROSS JOIN thing c WHERE a.name < b.name"
_LISTENER = f"""
from core.Listeners import AbstractListener


class ThingEntity(AbstractListener):
    def before_save(self, event):
        manager = self.get_entity_manager()
        if event.get_argument("entity").get("name") == "endless":
            manager.save_entity(manager.get_entity("Thing"))
            with manager.database.read() as connection:
                connection.exec_driver_sql("{_ENDLESS}")
"""
_SERVICE = f"""
from core.Services import AbstractService


class Endless(AbstractService):
    def panel_page(self, params):
        with self.get_entity_manager().database.read() as connection:
            return connection.exec_driver_sql("{_ENDLESS.lower()}").scalar_one()
"""
STORE = {
    "Resources/metadata/scopes/Thing.json": {"entity": True, "type": "Base", "module": "Store"},
    "Resources/metadata/entityDefs/Thing.json": {"fields": {"name": {"type": "varchar"}}},
    "Resources/metadata/app/panelPages.json": {"endless": {"template": "error.html", "service": "Endless"}},
    "Listeners/ThingEntity.py": _LISTENER,
    "Services/Endless.py": _SERVICE,
}


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    installation.add_module("Store", STORE)
    with installation.application() as application:
        yield application


@pytest.fixture
def database(application: Application) -> Database:
    """With some thousand things, and little time for each statement."""
    manager = application.container.get(EntityManager)
    things = []
    for _ in range(_ROWS):
        things.append(manager.get_entity("Thing"))
        things[-1].set("name", "a name of some length " * 9)
    manager.save_entities(things)
    manager.database.limit_statements(_LIMIT_SECONDS)
    return manager.database


@pytest.mark.every_database
def test_what_takes_too_long_is_stopped(
    client: TestClient, bearer: Callable[..., dict[str, str]], database: Database
) -> None:
    anna = bearer()
    parts = [{"type": "contains", "attribute": "name", "value": str(number)} for number in range(200)]

    listed = client.get("/api/Thing", params={"where": json.dumps([{"type": "or", "value": parts}])}, headers=anna)
    assert (listed.status_code, listed.json()["code"], listed.json()["field"]) == (400, "query_timeout", "where")
    assert "web.queryTimeout" in listed.json()["message"] and "begin with: id" in listed.json()["message"]

    page = client.get("/pages/endless", headers={**anna, **BROWSER})
    assert page.status_code == 400 and "<html" in page.text and "web.queryTimeout" in page.text

    stored = client.post("/api/Thing", json={"name": "endless"}, headers=anna)
    assert (stored.status_code, stored.json()["code"]) == (400, "query_timeout")
    assert client.get("/api/Thing?totalOnly=true", headers=anna).json()["total"] == _ROWS

    with database.write_alone() as connection:  # who changes tables has all the time that it takes
        connection.exec_driver_sql(_CROSSED.format(300))
    database.limit_statements(0)
    with database.read() as connection:
        connection.exec_driver_sql(_CROSSED.format(300))
