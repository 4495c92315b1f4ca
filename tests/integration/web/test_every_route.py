"""Every route of the application, and for whom it is: a new one needs a line in the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts, Tokens
from core.access.tokens import API
from core.application import Application
from core.web.app import create_app
from core.web.routes_by_name import all_routes
from tests.integration.web.conftest import ADDRESS, PASSWORD

EVERYBODY, SIGNED_IN, READERS = "everybody", "who is signed in", "viewers and operators"
OPERATORS, ADMINISTRATORS = "operators", "administrators"
_CLOSED = "AuditRecord|Role|RoleUser|User"
_JOBS = "Job|ScheduledJob"
#: The first line that fits counts. What asks for no change is open to tokens for reading as well.
TABLE: list[tuple[str, str, str]] = [
    ("GET", "/healthz|/readyz", EVERYBODY),
    ("POST", "/api/login", EVERYBODY),
    ("POST", "/api/logout", SIGNED_IN),
    ("GET|DELETE", "/api/tokens(/{token_id})?", SIGNED_IN),
    ("GET", "/api/me|/api/openapi.json|/api-docs", SIGNED_IN),
    ("GET", "/api/events|/api/metrics|/metrics|/api/jobTypes|/api/cronPreview", READERS),
    ("GET", "/api/jobManager.*", READERS),
    ("POST|DELETE|PATCH", "/api/jobManager.*", OPERATORS),
    ("POST", "/api/clearCache|/api/rebuildDb", ADMINISTRATORS),
    ("GET", "/api/getSchemaDiff|/api/metadata", ADMINISTRATORS),
    ("POST|PATCH", "/api/entity(MassUpdate|MassDelete|Restore)(Async)?", ADMINISTRATORS),
    ("POST", "/api/upsertAsync", ADMINISTRATORS),
    ("POST", "/api/upsert", SIGNED_IN),  # what one may not is told for each record
    ("POST", "/api/Job", OPERATORS),
    ("POST", "/api/Job/{entity_id}/(cancel|retry|runAgain)", OPERATORS),
    ("GET", "/api/Job/{entity_id}/(why|log|attempts|massActionStatus)", READERS),
    ("POST", "/api/ScheduledJob/{entity_id}/executeNow", OPERATORS),
    ("GET", f"/api/({_CLOSED})(/.*)?", ADMINISTRATORS),
    ("POST|PATCH|DELETE", f"/api/({_CLOSED})(/.*)?", ADMINISTRATORS),
    ("POST|PATCH", f"/api/({_JOBS})(/{{entity_id}})?", OPERATORS),
    ("DELETE", f"/api/({_JOBS})/{{entity_id}}", ADMINISTRATORS),
    ("POST|DELETE", f"/api/({_JOBS})/{{entity_id}}/\\w+", OPERATORS),
    ("GET", "/api/\\w+", READERS),
    ("GET", "/api/\\w+/{entity_id}", READERS),
    ("GET", "/api/\\w+/{entity_id}/\\w+", READERS),
]
WHO = {
    EVERYBODY: {"anonymous", "none", "viewer", "operator", "administrator", "reading"},
    SIGNED_IN: {"none", "viewer", "operator", "administrator", "reading"},
    READERS: {"viewer", "operator", "administrator", "reading"},
    OPERATORS: {"operator", "administrator"},
    ADMINISTRATORS: {"administrator", "reading"},
}
ROLES = ("anonymous", "none", "viewer", "operator", "administrator", "reading")
#: A request that an allowed one survives: it is refused for another reason than rights, or does no harm.
QUERIES = {"/api/events": "?log=nothing", "/api/cronPreview": "?scheduling=0+2+*+*+*"}
IS_LINK = re.compile(r"/api/\w+/\{entity_id\}/(attempts|jobs|roles|users)")
_SOME = {"entityName": "User", "ids": ["x"]}
BODIES: dict[str, Any] = {
    "/api/upsert": [],
    "/api/upsertAsync": [],
    "/api/entityMassUpdate": {**_SOME, "values": {"name": "x"}},
    "/api/entityMassUpdateAsync": {**_SOME, "values": {"name": "x"}},
    **{f"/api/entity{word}{way}": _SOME for word in ("MassDelete", "Restore") for way in ("", "Async")},
    "/api/Job/{entity_id}/runAgain": {},
    "/api/Job": {"type": "unknown"},
}


def methods_of(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Method and path of each route."""
    for route in all_routes(routes):
        yield from ((method, route.path) for method in getattr(route, "methods", None) or ())


def line_of(method: str, path: str) -> tuple[str, str, str] | None:
    return next(
        (
            line
            for line in TABLE
            if re.fullmatch(line[0], method) and re.fullmatch(line[1].replace("{", "\\{").replace("}", "\\}"), path)
        ),
        None,
    )


pytestmark = pytest.mark.only_sqlite("the routes are the same on all of them")


@pytest.fixture
def routes(application: Application) -> list[tuple[str, str]]:
    found = methods_of(create_app(application.container).routes)
    return sorted(
        {
            each
            for each in found
            if each[0] not in ("HEAD", "OPTIONS") and each[1].startswith(("/api", "/healthz", "/readyz", "/metrics"))
        }
    )


def test_each_route_has_a_line_and_each_line_a_route(routes: list[tuple[str, str]]) -> None:
    lines = {route: line_of(*route) for route in routes}

    assert [route for route, line in lines.items() if line is None] == []
    assert [line for line in TABLE if line not in lines.values()] == []


def test_each_route_is_open_to_whom_the_table_says(application: Application, routes: list[tuple[str, str]]) -> None:
    accounts, tokens = application.container.get(Accounts), application.container.get(Tokens)
    users = {
        role: accounts.add(
            role,
            PASSWORD,
            is_admin=role in ("administrator", "reading"),
            role=role if role in ("viewer", "operator") else None,
        )
        for role in ROLES
    }
    wrong = []
    with TestClient(create_app(application.container), ADDRESS, raise_server_exceptions=False) as client:
        for role, (method, path) in product(ROLES, routes):
            headers = {"Sec-Fetch-Site": "same-origin"}
            if role != "anonymous":
                scope = "read" if role == "reading" else "all"
                headers["Authorization"] = f"Bearer {tokens.issue(users[role], API, scope=scope)[0]}"
            address = re.sub(r"\{\w+\}", "nothing", path) + QUERIES.get(path, "?ids=x" if method == "DELETE" else "")
            body = {"json": BODIES.get(path, {"ids": ["x"]} if IS_LINK.fullmatch(path) else {})}
            if method in ("GET", "DELETE"):
                body = {}
            status = client.request(method, address, headers=headers, **body).status_code
            line = line_of(method, path)
            assert line is not None
            changes = method != "GET" and line[2] != EVERYBODY
            is_open = role in WHO[line[2]] and not (role == "reading" and changes)
            refused = 401 if role == "anonymous" else 403
            is_wrong = status in (401, 403) if is_open else status != refused
            if is_wrong and path != "/api/login":  # whoever gives no right password
                wrong.append((role, method, path, line[2], status))
    assert wrong == []
