"""What the API says of itself is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from core.access import Accounts
from core.application import Application
from core.testing import Installation
from core.web.app import create_app
from tests.integration.web.test_records import ENTITIES

#: Beyond the schemas there are rules: a job type's own schema, transitions of a status, names of attributes.
NOT_CHECKED = [positive_data_acceptance]
#: One would end the token with which all others are called, the other would go on for ten minutes.
NOT_CALLED = ("log_out_api_logout_post", "listenToEvents")
#: The routes of all entities are made by the same code.
LIKE_OTHERS = ("Category", "JobAttempt", "JobCounter", "JobNode", "JobTypeState", "ProductCategory", "Role", "User")


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """With entities of a module, and a job type."""
    installation.add_module("Shop", ENTITIES)
    installation.add_job_type("Hello", "pass", scheduledJob=True)
    return installation


@pytest.fixture
def anna(client: TestClient, bearer: Callable[..., dict[str, str]]) -> TestClient:
    """An administrator's client."""
    client.headers.update(bearer())
    return client


@pytest.fixture
def document(anna: TestClient) -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = anna.get("/api/openapi.json").json()
    return found


def test_the_entities_of_modules_are_in_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert document["openapi"].startswith("3.1")
    assert schemas["ProductCreate"]["properties"]["name"] == {"type": "string", "maxLength": 20, "minLength": 1}
    assert schemas["ProductCreate"]["properties"]["price"] == {"type": ["number", "null"], "minimum": 0}
    assert schemas["ProductCreate"]["required"] == ["name"]
    assert schemas["Product"]["properties"]["createdAt"]["format"] == "date-time"
    assert "Hello" in schemas["JobCreate"]["properties"]["type"]["enum"]
    assert schemas["Job"]["properties"]["status"]["enum"][:2] == ["Pending", "Running"]
    assert {"get", "post", "delete"} <= document["paths"]["/api/Product/{entity_id}/categories"].keys()
    assert "/api/AuthToken" not in document["paths"]
    assert "post" not in document["paths"]["/api/JobCounter"]


def test_each_operation_has_a_name_of_its_own_and_says_what_it_refuses(document: dict[str, Any]) -> None:
    operations = [each for path in document["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]

    assert len(set(names)) == len(names)
    assert all("422" not in each["responses"] and "401" in each["responses"] for each in operations)


def test_it_is_for_those_who_are_logged_in(client: TestClient) -> None:
    assert client.get("/api/openapi.json").status_code == 401


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, pytest.param(GenerationMode.NEGATIVE, marks=pytest.mark.proof)]
)
def test_every_operation_keeps_to_it(
    application: Application, accounts: Accounts, bearer: Callable[..., dict[str, str]], mode: GenerationMode
) -> None:
    header = bearer()
    asked = sum(_try_out(each, header, 2) for each in operations_of(application, header, mode, LIKE_OTHERS))

    assert asked > 60


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.every_database
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_keeps_to_it_whatever_is_sent(
    application: Application, accounts: Accounts, bearer: Callable[..., dict[str, str]], mode: GenerationMode
) -> None:
    header = bearer()
    asked = sum(_try_out(each, header, 50) for each in operations_of(application, header, mode))

    assert asked > 1500


def operations_of(
    application: Application, headers: dict[str, str], mode: GenerationMode, left_out: tuple[str, ...] = ()
) -> Iterator[Any]:
    """What makes requests to each operation, but for those with these tags."""
    app: FastAPI = create_app(application.container)
    for found in schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=headers).get_all_operations():
        operation = found.ok()
        raw = operation.definition.raw
        if raw["operationId"] not in NOT_CALLED and not set(raw.get("tags", ())) & set(left_out):
            yield operation.as_strategy(generation_mode=mode)


def _try_out(requests: Any, headers: dict[str, str], most: int) -> int:
    """How many requests were made."""
    made = 0

    @given(case=requests)
    @settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        nonlocal made
        made += 1
        case.call_and_validate(headers=headers, excluded_checks=NOT_CHECKED)

    try:
        check()
    except Unsatisfiable:  # where nothing comes in, nothing can be wrong
        return 0
    return made
