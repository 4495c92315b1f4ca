"""Every route of the panel, and for whom it is: a new one needs a line in the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from core import clock
from core.access import Tokens
from core.access.tokens import SESSION
from core.application import Application
from core.config import Config
from core.testing import Installation
from core.web.app import create_app
from core.web.session_cookie import SessionCookie
from tests.integration.web.conftest import ADDRESS, BROWSER
from tests.integration.web.people import SHOP, People
from tests.integration.web.test_every_route import methods_of

ANYBODY = {"anonymous", "none", "role", "viewer", "operator", "administrator"}
SIGNED_IN = ANYBODY - {"anonymous"}
READERS = {"viewer", "operator", "administrator"}
JOB_READERS = READERS | {"role"}
OPERATORS = {"operator", "administrator"}
ADMINISTRATORS = {"administrator"}
#: What the user `role` may do, by a role alone.
ROLE = {"Product": {"read": "all", "create": "yes", "edit": "own"}, "Job": {"read": "own", "cancel": "own"}}
#: The first line that fits counts. `{scope}` stands for each of SCOPES, `{name}` of pages for each of PAGES.
TABLE = [
    ("GET", "/static/.*", ANYBODY),
    ("GET|POST", "/login|/preferences", ANYBODY),
    ("GET|POST", "/|/logout|/account.*|/api-docs", SIGNED_IN),
    ("GET", "/dashboard/.*|/job-manager|/workers", READERS),
    ("POST", "/job-manager/(pause|resume)", OPERATORS),
    ("GET|POST", "/(modules|settings|users)(/.*)?|/pages/inner", ADMINISTRATORS),
    ("GET", "/pages/stock", JOB_READERS),
    ("GET", "/Job(/nothing(/live)?)?", JOB_READERS),
    ("POST", "/Job/nothing/cancel", OPERATORS | {"role"}),
    ("GET|POST", "/Job/new|/Job/nothing/(retry|debug|edit)", OPERATORS),
    ("POST", "/Job/mass", OPERATORS | {"role"}),
    ("POST", "/Job/nothing/(delete|restore)", ADMINISTRATORS),
    ("GET", "/ScheduledJob(/cron|/nothing(/live)?)?", READERS),
    ("GET|POST", "/ScheduledJob/(new|nothing/(edit|active|run))", OPERATORS),
    ("POST", "/ScheduledJob/nothing/(delete|restore)", ADMINISTRATORS),
    ("GET", "/Product(/nothing)?", JOB_READERS),
    ("GET|POST", "/Product/(new|nothing/edit)", {"role", "administrator"}),
    ("POST", "/Product/nothing/(delete|restore)", ADMINISTRATORS),
    ("GET|POST", "/(User|Role)(/.*)?", ADMINISTRATORS),
    ("GET", "/AuditRecord(/nothing)?", ADMINISTRATORS),
    ("GET|POST", "/AuditRecord/.*", set()),
]
SCOPES = ("Product", "User", "Role", "AuditRecord", "Job", "ScheduledJob")
PAGES = ("stock", "inner")
#: What a form sends, where an empty one would be refused for all, or do nothing.
FORMS = {"/Job/mass": {"action": "cancel", "id": "nothing"}, "/Job/new": {"type": "unknown"}}
PAGE_FILES = {
    "Resources/metadata/app/panelPages.json": {
        "stock": {"template": "Shop/page.html", "scope": "Product"},
        "inner": {"template": "Shop/page.html"},
    },
    "templates/page.html": '{% extends "base.html" %}',
}

pytestmark = pytest.mark.only_sqlite("the routes are the same on all of them")


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    installation.add_module("Shop", {**SHOP, **PAGE_FILES})
    with installation.application() as application:
        yield application


def pages(application: Application) -> list[tuple[str, str]]:
    """Method and address of each route that is not the API's; what stands for any entity once for each of SCOPES."""
    found = set()
    for method, path in methods_of(create_app(application.container).routes):
        if method in ("HEAD", "OPTIONS") or path.startswith(("/api/", "/healthz", "/readyz", "/metrics")):
            continue
        for scope in SCOPES if "{scope:" in path else ("",):
            for page in PAGES if path.startswith("/pages/") else ("",):
                address = path.replace("{scope:entity}", scope).replace("{name}", page)
                found.add((method, re.sub(r"\{[\w:]+\}", "nothing", address)))
    return sorted(found)


def line_of(method: str, address: str) -> tuple[str, str, set[str]] | None:
    fits = (each for each in TABLE if re.fullmatch(each[0], method) and re.fullmatch(each[1], address))
    return next(fits, None)


def test_each_page_is_open_to_whom_the_table_says(application: Application) -> None:
    people, tokens = People(application), application.container.get(Tokens)
    users = {name: people.add(name, name) for name in ("viewer", "operator", "administrator")}
    users |= {"none": people.add("none"), "role": people.add("role", None, ROLE)}
    config = application.container.get(Config)
    cookie, tomorrow = SessionCookie(config.root, config).name, clock.now() + timedelta(days=1)
    routes = sorted(
        pages(application), key=lambda route: route[1] == "/logout"
    )  # what comes later would not be signed in
    lines = {route: line_of(*route) for route in routes}
    assert [route for route, line in lines.items() if line is None] == []
    assert [line for line in TABLE if line not in lines.values()] == []

    people.store("Job", id="hers", type="Harmless", name="x")  # is not the role's own
    hers = {("GET", "/Job/hers"): READERS, ("GET", "/Job/hers/live"): READERS, ("POST", "/Job/hers/cancel"): OPERATORS}
    expected = {**hers, **{route: line[2] for route, line in lines.items() if line}}
    wrong = []
    with TestClient(create_app(application.container), ADDRESS, raise_server_exceptions=False) as client:
        for who in sorted(ANYBODY):
            headers = dict(BROWSER)
            if who != "anonymous":
                secret, _ = tokens.issue(users[who], SESSION, expires_at=tomorrow)
                headers["Cookie"] = f"{cookie}={secret}"
            for (method, address), whom in expected.items():
                form = FORMS.get(address, {}) if method == "POST" else None
                answer = client.request(method, address, headers=headers, data=form, follow_redirects=False)
                to_login = answer.headers.get("location", "").startswith("/login")
                is_open = not to_login and answer.status_code not in (401, 403) and answer.status_code < 500
                refused = to_login if who == "anonymous" else answer.status_code == 403
                is_right = is_open if who in whom else refused
                if not is_right and (method, address) not in (("POST", "/login"), ("POST", "/logout")):
                    wrong.append((who, method, address, answer.status_code))
    assert wrong == []
