"""Jobs over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.testing import Installation

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """With a job type whose payload is judged, and of which there is one job for each name, and a free one."""
    installation.add_job_type("Hello", "pass", payloadSchema=SCHEMA, uniqueKey="{name}", maxAttempts=2)
    installation.add_job_type("Free", "pass")
    return installation


@pytest.fixture
def anna(client: TestClient, bearer: Callable[..., dict[str, str]]) -> TestClient:
    """An administrator's client."""
    client.headers.update(bearer())
    return client


def enqueue(client: TestClient, name: str = "Ada", **params: Any) -> Any:
    return client.post("/api/Job", json={"type": "Hello", "payload": {"name": name}}, params=params)


def test_a_job_is_put_into_the_queue_and_belongs_to_who_did_so(anna: TestClient) -> None:
    answer = enqueue(anna)

    assert answer.status_code == 201
    job = anna.get(answer.headers["location"]).json()
    assert (job["name"], job["status"], job["payload"]) == ("Hello", "Pending", {"name": "Ada"})
    assert job["ownerUserId"] == anna.get("/api/me").json()["id"]


def test_an_owner_who_is_not_there_is_refused_before_the_job_would_fail(anna: TestClient) -> None:
    job_id = enqueue(anna).json()["id"]

    refused = [
        anna.post("/api/Job", json={"type": "Free", "payload": {}, "ownerUserId": "nobody"}),
        anna.patch(f"/api/Job/{job_id}", json={"ownerUserId": "nobody"}),
    ]

    assert [(each.status_code, each.json()["field"]) for each in refused] == [(400, "ownerUserId")] * 2
    assert "its owner, the user 'nobody', is gone" in refused[0].json()["message"]
    assert anna.patch(f"/api/Job/{job_id}", json={"name": "x"}).status_code == 200


def test_a_whole_number_is_kept_to_the_last_digit(anna: TestClient) -> None:
    for number in (2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**300):
        made = anna.post("/api/Job", json={"type": "Free", "payload": {"number": number, "list": [number]}})

        assert made.json()["payload"] == {"number": number, "list": [number]}
        assert anna.get(made.headers["location"]).json()["payload"]["number"] == number


def test_a_number_that_is_none_is_refused(anna: TestClient) -> None:
    for text in ("1" * 5000, "NaN", "1e999"):
        body = f'{{"type": "Free", "payload": {{"number": {text}}}}}'
        answer = anna.post("/api/Job", content=body, headers={"Content-Type": "application/json"})

        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), text


#: body, status, field
REFUSED_JOBS = [
    ({}, 400, "type"),
    ({"type": "Helo"}, 400, "type"),
    ({"type": 5}, 400, "type"),
    ({"type": {}}, 400, "type"),
    ({"type": "Hello"}, 400, "payload"),
    ({"type": "Hello", "payload": {"name": 5}}, 400, "payload"),
    ({"type": "Hello", "payload": {"name": "a", "x": 1}}, 400, "payload"),
    ({"type": "Hello", "payload": "a"}, 400, "payload"),
    ({"type": "Hello", "payload": {"name": "a"}, "status": "Success"}, 400, "status"),
    ({"type": "Hello", "payload": {"name": "a"}, "priorty": 1}, 400, "priorty"),
    ({"type": "Hello", "payload": {"name": "a"}, "executeTime": "soon"}, 400, "executeTime"),
    ({"type": "Hello", "payload": {"name": "a"}, "pid": 1}, 403, None),
    ({"type": "Hello", "payload": {"name": "a"}, "attemptLimit": 1000}, 403, None),
    ({"type": "Hello", "payload": {"name": "a"}, "checkpoint": {"a": 1}}, 403, None),
]


def test_a_job_that_cannot_be_is_refused(anna: TestClient) -> None:
    for body, status, field in REFUSED_JOBS:
        answer = anna.post("/api/Job", json=body)

        assert (answer.status_code, answer.json()["field"]) == (status, field), body


def test_a_second_job_of_the_same_key_is_a_conflict_or_the_first_one(anna: TestClient) -> None:
    first = enqueue(anna).json()

    refused, found = enqueue(anna), enqueue(anna, onConflict="existing")

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert first["id"] in refused.json()["message"]
    assert (found.status_code, found.json()["id"]) == (200, first["id"])
    assert enqueue(anna, onConflict="perhaps").json()["field"] == "onConflict"


def test_a_job_is_canceled_tried_again_and_run_again(anna: TestClient) -> None:
    path = enqueue(anna).headers["location"]

    assert anna.post(f"{path}/cancel").json()["status"] == "Canceled"
    assert anna.post(f"{path}/cancel").json()["status"] == "Canceled"
    assert anna.post(f"{path}/retry").json()["status"] == "Pending"
    again = anna.post(f"{path}/runAgain", json={"payload": {"name": "Ben"}, "priority": 7})
    assert again.status_code == 201
    job = anna.get(again.headers["location"]).json()
    assert (job["payload"], job["priority"], job["status"]) == ({"name": "Ben"}, 7, "Pending")
    assert anna.post(f"{again.headers['location']}/runAgain").status_code == 409  # the same, with its uniqueKey
    assert anna.get(f"{path}/massActionStatus").status_code == 404
    assert anna.post(f"{path}/runAgain", json={"type": "Rebuild"}).json()["field"] == "type"
    assert anna.post("/api/Job/nothing/cancel").status_code == 404


def test_a_change_of_status_is_answered_as_it_is_stored(anna: TestClient) -> None:
    path = enqueue(anna).headers["location"]

    canceled = anna.post(f"{path}/cancel").json()
    assert canceled["endedAt"] is not None
    assert canceled == anna.get(path).json()
    assert anna.post(f"{path}/retry").json() == anna.get(path).json()
    patched = anna.patch(path, json={"status": "Canceled"}).json()
    assert patched["endedAt"] is not None
    assert patched == anna.get(path).json()


def test_what_the_job_manager_does_nobody_else_does(anna: TestClient) -> None:
    path = enqueue(anna).headers["location"]

    assert anna.patch(path, json={"status": "Running"}).status_code == 403
    assert anna.patch(path, json={"status": "Success"}).status_code == 400
    assert anna.patch(path, json={"pid": 1}).status_code == 403


def test_a_job_tells_why_it_does_not_run(anna: TestClient) -> None:
    answer = anna.get(f"{enqueue(anna).headers['location']}/why").json()

    assert answer["reason"] == "cronNotSeen"
    assert "cron" in answer["remedy"]
    assert anna.get("/api/Job/nothing/why").status_code == 404
