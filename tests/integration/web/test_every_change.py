"""Every route that changes something, and that the audit tells of it: a new one needs a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts, Tokens
from core.access.tokens import API
from core.application import Application
from core.testing import Installation
from core.web.app import create_app
from tests.integration.web.conftest import PASSWORD
from tests.integration.web.people import People, shop
from tests.integration.web.test_every_route import methods_of

pytestmark = pytest.mark.only_sqlite("the routes are the same on all of them")

#: An attempt is nothing without its job.
REFUSED = [("DELETE", "/api/Job/{entity_id}/attempts")]
#: What is said of a person in her browser, and of nobody's data.
NOT_AUDITED = [("POST", "/preferences")]
SCHEDULE = {"name": "x", "type": "Harmless", "scheduling": "0 2 * * *"}
MIDDLES = {"RoleUser": ("Role", "User"), "ProductTag": ("Product", "Tag")}
ANOTHER = "correct horse stable"


class World:
    """Whoever asks, and records for her to change."""

    def __init__(self, application: Application, browser: TestClient) -> None:
        self._application = application
        self._browser = browser
        self._people = People(application)
        self._made = 0

    def new(self, entity: str, **values: Any) -> str:
        """The id of a new record."""
        self._made += 1
        if entity == "User":
            user = self._application.container.get(Accounts).add(f"user{self._made}", PASSWORD)
            return str(user.id)
        if entity == "Role":
            values = {"name": f"role{self._made}"}
        if entity == "Job":
            values = {"type": "Harmless", **values}
        if entity == "ScheduledJob":
            values = {**SCHEDULE, **values}
        if entity == "JobAttempt":
            values = {"jobId": self.new("Job"), "attempt": self._made, "status": "Failed"}
        if entity in MIDDLES:
            values = self.pair(entity)
        return str(self._people.store(entity, **values).id)

    def pair(self, middle: str) -> dict[str, str]:
        """The values of a new relation of two new records."""
        return {f"{each[0].lower()}{each[1:]}Id": self.new(each) for each in MIDDLES[middle]}

    def removed(self, entity: str) -> str:
        """The id of a record that is removed."""
        record_id = self.new(entity)
        manager = self._people.manager
        manager.remove_entity(manager.get_entity(entity, record_id))
        return record_id

    def failed_job(self) -> str:
        """The id of a job that can be tried again."""
        job_id = self.new("Job")
        manager = self._people.manager
        job = manager.get_entity("Job", job_id)
        job.set("status", "Canceled")
        manager.save_entity(job)
        return job_id

    def related(self, entity: str, link: str, other: str) -> tuple[str, str]:
        """The ids of two records of which one is linked to the other."""
        record_id, other_id = self.new(entity), self.new(other)
        manager = self._people.manager
        manager.get_repository(entity).relate(manager.get_entity(entity, record_id), link, other_id)
        return record_id, other_id

    def token(self, of: str = "anna") -> tuple[str, str]:
        """The ids of a user, and of a token that she has."""
        user = self._application.container.get(Accounts).get(of)
        return user.id, self._application.container.get(Tokens).issue(user, API)[1].id

    def audited(self) -> int:
        """How many changes the audit tells of."""
        return int(self._people.manager.get_repository("AuditRecord").where({}).count())

    def send(self, method: str, address: str, body: Any = None) -> Any:
        """To the API as JSON, to the panel as a form."""
        kind = "json" if address.startswith("/api/") else "data"
        content = {} if body is None else {kind: body}
        return self._browser.request(method, address, follow_redirects=False, **content)


Change = Callable[[World], Any]
CHANGES: dict[tuple[str, str], Change] = {}


def changes(method: str, route: str) -> Callable[[Change], Change]:
    """The change that tries a route."""

    def note(change: Change) -> Change:
        CHANGES[method, route] = change
        return change

    return note


def _at(method: str, route: str, entity: str, body: Any = None, *, is_failed: bool = False) -> None:
    """The route of one record."""

    def change(world: World) -> Any:
        record_id = world.failed_job() if is_failed else world.new(entity)
        before, _, rest = route.partition("{")
        return world.send(method, f"{before}{record_id}{rest.partition('}')[2]}", body)

    CHANGES[method, route] = change


def _simply(method: str, route: str, body: Any = None) -> None:
    CHANGES[method, route] = lambda world: world.send(method, route, body)


def _linked(entity: str, link: str, other: str) -> None:
    route = f"/api/{entity}/{{entity_id}}/{link}"

    def link_them(world: World) -> Any:
        return world.send("POST", f"/api/{entity}/{world.new(entity)}/{link}", {"ids": [world.new(other)]})

    def unlink_them(world: World) -> Any:
        record_id, other_id = world.related(entity, link, other)
        return world.send("DELETE", f"/api/{entity}/{record_id}/{link}?ids={other_id}")

    CHANGES["POST", route], CHANGES["DELETE", route] = link_them, unlink_them


def _related_by(middle: str) -> None:
    def relate(world: World) -> Any:
        return world.send("POST", f"/api/{middle}", world.pair(middle))

    def relate_others(world: World) -> Any:
        return world.send("PATCH", f"/api/{middle}/{world.new(middle)}", world.pair(middle))

    CHANGES["POST", f"/api/{middle}"], CHANGES["PATCH", f"/api/{middle}/{{entity_id}}"] = relate, relate_others


def _many(method: str, word: str, body: dict[str, Any], *, is_removed: bool = False) -> None:
    for way in ("", "Async"):

        def change(world: World, route: str = f"/api/entity{word}{way}") -> Any:
            record_id = world.removed("Product") if is_removed else world.new("Product")
            return world.send(method, route, {"entityName": "Product", "ids": [record_id], **body})

        CHANGES[method, f"/api/entity{word}{way}"] = change


_NEW = {
    "Job": {"type": "Harmless", "name": "x"},
    "ScheduledJob": SCHEDULE,
    "User": {"userName": "berta", "name": "Berta"},
    **{name: {"name": "x"} for name in ("Product", "Maker", "Tag", "Role")},
}
for _entity, _values in _NEW.items():
    _simply("POST", f"/api/{_entity}", _values)
    _at("PATCH", f"/api/{_entity}/{{entity_id}}", _entity, {"isActive": False} if _entity == "User" else {"name": "y"})
    _at("DELETE", f"/api/{_entity}/{{entity_id}}", _entity)
for _middle in MIDDLES:
    _related_by(_middle)
    _at("DELETE", f"/api/{_middle}/{{entity_id}}", _middle)
_linked("Role", "users", "User")
_linked("User", "roles", "Role")
_linked("Job", "attempts", "JobAttempt")
_linked("ScheduledJob", "jobs", "Job")
_linked("Product", "tags", "Tag")
_linked("Tag", "products", "Product")
_at("POST", "/api/Job/{entity_id}/cancel", "Job")
_at("POST", "/api/Job/{entity_id}/retry", "Job", is_failed=True)
_at("POST", "/api/Job/{entity_id}/runAgain", "Job", {})
_at("POST", "/api/ScheduledJob/{entity_id}/executeNow", "ScheduledJob")
_simply("POST", "/api/clearCache")
_simply("POST", "/api/rebuildDb")  # what comes after it finds the metadata loaded anew
_simply("POST", "/api/jobManagerPause", {"pause": True})
_many("PATCH", "MassUpdate", {"values": {"name": "y"}})
_many("POST", "MassDelete", {})
_many("POST", "Restore", {}, is_removed=True)
for _way in ("", "Async"):
    _simply("POST", f"/api/upsert{_way}", [{"entity": "Product", "payload": {"name": "z"}}])

_at("POST", "/Job/{job_id}/cancel", "Job", {})
_at("POST", "/Job/{job_id}/retry", "Job", {}, is_failed=True)
_at("POST", "/Job/{job_id}/delete", "Job", {})
_at("POST", "/Job/{job_id}/debug", "Job", {})
_simply("POST", "/Job/new", {"type": "Harmless", "name": "x", "priority": "100", "payload": ""})
_simply("POST", "/ScheduledJob/new", {**SCHEDULE, "overlap": "allow", "catchUp": "last", "isActive": "on"})
_at("POST", "/ScheduledJob/{schedule_id}/active", "ScheduledJob", {"isActive": "on"})
_at("POST", "/ScheduledJob/{schedule_id}/edit", "ScheduledJob", {**SCHEDULE, "overlap": "skip", "catchUp": "last"})
_at("POST", "/ScheduledJob/{schedule_id}/run", "ScheduledJob", {})
_at("POST", "/ScheduledJob/{schedule_id}/delete", "ScheduledJob", {})
_simply("POST", "/job-manager/pause", {"reason": "x"})
_simply("POST", "/job-manager/resume", {})
_simply("POST", "/settings", {"maxConcurrentWorkers": "5"})
_simply("POST", "/users", {"userName": "clara", "password": PASSWORD, "role": "viewer"})
_at("POST", "/users/{user_id}/password", "User", {"password": ANOTHER})
_at("POST", "/users/{user_id}/tokens", "User", {"name": "x"})
_simply("POST", "/account/tokens", {"name": "x"})
_simply("POST", "/Product/new", {"name": "x", "has.name": "1"})
_at("POST", "/Product/{record_id}/edit", "Product", {"name": "y", "has.name": "1"})
_at("POST", "/Product/{record_id}/delete", "Product", {})


@changes("POST", "/Job/mass")
def _(world: World) -> Any:
    return world.send("POST", "/Job/mass", {"action": "cancel", "id": world.new("Job"), "confirmed": "on"})


@changes("POST", "/Product/{record_id}/restore")
def _(world: World) -> Any:
    return world.send("POST", f"/Product/{world.removed('Product')}/restore", {})


@changes("DELETE", "/api/tokens/{token_id}")
def _(world: World) -> Any:
    return world.send("DELETE", f"/api/tokens/{world.token()[1]}")


@changes("POST", "/account/tokens/{token_id}/revoke")
def _(world: World) -> Any:
    return world.send("POST", f"/account/tokens/{world.token()[1]}/revoke", {})


@changes("POST", "/users/{user_id}/tokens/{token_id}/revoke")
def _(world: World) -> Any:
    user, token = world.token()
    return world.send("POST", f"/users/{user}/tokens/{token}/revoke", {})


# These come last, as they change who asks, in this order.
_simply("POST", "/account/password", {"current": PASSWORD, "password": ANOTHER})
_simply("POST", "/logout", {})
_simply("POST", "/login", {"userName": "anna", "password": ANOTHER})
_simply("POST", "/api/logout")
_simply("POST", "/api/login", {"userName": "anna", "password": ANOTHER})


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    yield from shop(installation)


def changing_routes(application: Application) -> set[tuple[str, str]]:
    """Method and path of each route that is for changes; those for any entity once, as of Product."""
    return {
        (method, path.replace("{scope:entity}", "Product"))
        for method, path in methods_of(create_app(application.container).routes)
        if method not in ("GET", "HEAD", "OPTIONS")
    }


def test_the_audit_tells_of_each_change(application: Application, browser: TestClient) -> None:
    routes = changing_routes(application)
    assert sorted(routes - set(CHANGES) - set(NOT_AUDITED)) == []
    assert sorted({*CHANGES, *NOT_AUDITED} - routes) == []

    world = World(application, browser)
    refused: dict[tuple[str, str], str] = {}
    untold = []
    for route, change in CHANGES.items():
        before = world.audited()
        response = change(world)
        if response.status_code >= 400:
            refused[route] = response.text
        elif world.audited() == before:
            untold.append(route)
    assert list(refused) == REFUSED, refused
    assert untold == []
