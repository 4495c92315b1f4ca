"""An installation with its web application, in our own process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Signature
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.dependencies import utils
from jinja2 import Environment
from starlette.testclient import TestClient

from core.access import Accounts, Tokens, passwords
from core.access.tokens import API
from core.application import Application
from core.testing import Installation
from core.web.app import create_app
from tests.database_kinds import parametrize_kinds
from tests.databases import SQLITE, Servers

PASSWORD = "correct horse battery"
ADDRESS = "http://127.0.0.1:8000"
#: What a browser sends with a request for a page.
BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    parametrize_kinds(metafunc, "installation_kind")


@pytest.fixture(scope="package", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hashes that cost nothing; what they are to cost is a subject of `tests/unit/access`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="package", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Each test has an application of its own, and nearly all of them the same templates."""
    known: dict[tuple[str, str | None], Any] = {}
    compiled = Environment.compile

    def compile_once(self: Environment, source: str, name: str | None = None, *rest: Any, **options: Any) -> Any:
        if (source, name) not in known:
            known[source, name] = compiled(self, source, name, *rest, **options)
        return known[source, name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        yield


@pytest.fixture(scope="package", autouse=True)
def endpoints_analysed_once() -> Iterator[None]:
    """FastAPI evaluates the annotations of each endpoint, which is half of what an application takes to be made."""
    known: dict[tuple[CodeType, str], Signature] = {}
    analysed = utils._get_signature

    def analyse_once(call: Any) -> Signature:
        if type(call) is not FunctionType or hasattr(call, "__wrapped__") or hasattr(call, "__signature__"):
            return analysed(call)
        key = call.__code__, repr(call.__defaults__)
        if key not in known:
            known[key] = analysed(call)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "_get_signature", analyse_once)
        yield


@pytest.fixture
def installation_database(installation_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str | None]:
    """A database of the kind in turn, without rows."""
    with servers.new_installation_database(installation_kind, tmp_path) as url:
        yield None if installation_kind == SQLITE else url


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    with installation.application() as application:
        yield application


@pytest.fixture
def accounts(application: Application) -> Accounts:
    accounts = application.container.get(Accounts)
    accounts.add("anna", PASSWORD, is_admin=True)
    return accounts


@pytest.fixture
def tokens(application: Application) -> Tokens:
    return application.container.get(Tokens)


@pytest.fixture
def client(application: Application, accounts: Accounts) -> Iterator[TestClient]:
    """Nobody is logged in; an error of a handler is the answer that a client gets."""
    with TestClient(create_app(application.container), ADDRESS, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """Anna has logged in."""
    client.headers.update(BROWSER)
    client.post("/login", data={"userName": "anna", "password": PASSWORD})
    return client


@pytest.fixture
def bearer(accounts: Accounts, tokens: Tokens) -> Callable[..., dict[str, str]]:
    """The header of a new token of a user."""

    def header(name: str = "anna", **settings: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens.issue(accounts.get(name), API, **settings)[0]}"}

    return header
