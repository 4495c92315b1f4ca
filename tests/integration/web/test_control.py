"""The job manager, schedules and maintenance over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core.log import job_log_path
from core.testing import Installation


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """With a job type that can be scheduled."""
    installation.add_job_type("Hello", "pass", scheduledJob=True)
    return installation


@pytest.fixture
def anna(client: TestClient, bearer: Callable[..., dict[str, str]]) -> TestClient:
    """An administrator's client."""
    client.headers.update(bearer())
    return client


@pytest.mark.parametrize("where", [{}, {"type": "Hello"}, {"everywhere": True}])
def test_a_pause_has_who_and_why_and_ends(anna: TestClient, where: dict[str, object]) -> None:
    paused = anna.post("/api/jobManagerPause", json={"pause": True, "reason": "upgrade", **where}).json()

    assert (paused["paused"]["by"], paused["paused"]["reason"], paused["changed"]) == ("anna", "upgrade", True)
    assert anna.post("/api/jobManagerPause", json={"pause": True, **where}).json()["changed"] is False
    assert anna.post("/api/jobManagerPause", json={"pause": False, **where}).json() == {"paused": None, "changed": True}
    assert anna.get("/api/jobManagerStatus").json()["paused"] is None


#: body, field
REFUSED_PAUSES = [
    ({"pause": "yes"}, "pause"),
    ({}, "pause"),
    ({"reason": "upgrade"}, "pause"),
    ({"pause": True, "type": "Helo"}, "type"),
    ({"pause": True, "type": "Hello", "everywhere": True}, "type"),
    ({"pause": True, "reason": "x" * 1001}, "reason"),
    ({"pause": True, "paus": True}, "paus"),
]


def test_a_pause_that_cannot_be_is_refused_and_ends_none(anna: TestClient) -> None:
    anna.post("/api/jobManagerPause", json={"pause": True})

    for body, field in REFUSED_PAUSES:
        answer = anna.post("/api/jobManagerPause", json=body)

        assert (answer.status_code, answer.json()["field"]) == (400, field), body
    assert anna.get("/api/jobManagerStatus").json()["paused"] is not None


def test_a_body_that_is_wrong_is_told_in_words_of_this_api(anna: TestClient) -> None:
    def message(body: object) -> object:
        return anna.post("/api/jobManagerPause", json=body).json()["message"]

    assert message({"pause": True, "paus": 1}) == "paus: There is no such key here."
    assert message({"pause": 1}) == "pause: It is to be true or false."
    assert message({}) == "pause: It is missing."
    assert message([]) == "body: It is to be a JSON object."
    assert message({"pause": True, "reason": "x" * 1001}) == "reason: It has more than 1000 characters."


def test_the_job_types_are_told(anna: TestClient) -> None:
    (hello,) = (each for each in anna.get("/api/jobTypes").json() if each["type"] == "Hello")

    assert (hello["owner"], hello["scheduledJob"], hello["payloadSchema"]) == ("HelloModule", True, None)


def test_a_schedule_is_made_and_run_now(anna: TestClient) -> None:
    schedule = {"name": "Often", "type": "Hello", "scheduling": "0 2 * * *", "isActive": False}
    made = anna.post("/api/ScheduledJob", json=schedule)
    assert made.status_code == 201, made.text

    assert anna.post(f"{made.headers['location']}/executeNow").json() is True

    (job,) = anna.get(f"{made.headers['location']}/jobs").json()["list"]
    assert (job["type"], job["priority"], job["name"]) == ("Hello", 200, "Often")
    assert anna.post("/api/ScheduledJob/nothing/executeNow").status_code == 404


def test_an_expression_is_told_in_words_and_times(anna: TestClient) -> None:
    params = {"scheduling": "0 2 * * *", "timeZone": "Europe/Berlin", "count": 2}

    found = anna.get("/api/cronPreview", params=params).json()

    assert len(found["nextTimes"]) == 2
    assert found["nextTimes"][0]["local"][11:16] == "02:00"
    assert "02:00" in found["words"]


#: params, field
REFUSED_EXPRESSIONS = [
    ({}, "scheduling"),
    ({"scheduling": "61 * * * *"}, "scheduling"),
    ({"scheduling": "0 0 30 2 *"}, "scheduling"),
    ({"scheduling": "* " * 200}, "scheduling"),
    ({"scheduling": "@daily", "timeZone": "Europe/Berlim"}, "timeZone"),
    ({"scheduling": "@daily", "count": 51}, "count"),
]


def test_an_expression_that_cannot_be_is_refused(anna: TestClient) -> None:
    for params, field in REFUSED_EXPRESSIONS:
        answer = anna.get("/api/cronPreview", params=params)

        assert (answer.status_code, answer.json()["field"]) == (400, field), params


def test_a_log_is_read_whole_in_part_and_to_its_end(anna: TestClient, installation: Installation) -> None:
    path = anna.post("/api/Job", json={"type": "Hello"}).headers["location"]
    none = anna.get(f"{path}/log")
    file = job_log_path(installation.root, path.removeprefix("/api/Job/"))
    file.parent.mkdir(parents=True)
    file.write_text("first\nsecond\n")

    assert (none.status_code, "has not started" in none.json()["message"]) == (404, True)
    assert anna.get(f"{path}/log").text == "first\nsecond\n"
    part = anna.get(f"{path}/log", params={"maxBytes": 8})
    assert (part.text, part.headers["x-next-offset"]) == ("first\n", "6")  # a line is not cut in two
    assert anna.get(f"{path}/log", params={"offset": 6}).text == "second\n"
    assert anna.get(f"{path}/log", params={"offset": -8}).text == "second\n"
    assert anna.get(f"{path}/log", params={"offset": 99}).text == ""
    anna.post(f"{path}/cancel")
    assert anna.get(f"{path}/log", params={"follow": "true"}).text == "first\nsecond\n"
    assert anna.get("/api/Job/..%2F..%2Fconfig/log").status_code == 404


def test_a_log_has_no_secrets(anna: TestClient, installation: Installation) -> None:
    path = anna.post("/api/Job", json={"type": "Hello"}).headers["location"]
    file = job_log_path(installation.root, path.removeprefix("/api/Job/"))
    file.parent.mkdir(parents=True)
    file.write_text("postgresql://atro:swordfish@localhost/atro\n")

    assert "swordfish" not in anna.get(f"{path}/log").text
    assert "fish" not in anna.get(f"{path}/log", params={"offset": 24}).text


def test_the_database_is_compared_and_rebuilt(anna: TestClient, installation: Installation) -> None:
    assert anna.get("/api/getSchemaDiff").json() == {"statements": [], "obstacles": []}

    field = {"fields": {"colour": {"type": "varchar"}}}
    installation.add_module("Colour", {"Resources/metadata/entityDefs/Job.json": field})
    assert anna.post("/api/clearCache").json() is True

    assert anna.post("/api/rebuildDb").json() == {"done": [], "left": []}  # a module comes with a new process
    assert anna.get("/api/metadata", params={"key": "entityDefs.Job.fields.pid"}).json()["type"] == "int"
    assert anna.get("/api/metadata", params={"key": "entityDefs.Jobb"}).status_code == 404


def test_the_type_of_a_schedule_stays(anna: TestClient) -> None:
    schedule = {"name": "Often", "type": "Hello", "scheduling": "0 2 * * *", "isActive": False}
    path = anna.post("/api/ScheduledJob", json=schedule).headers["location"]

    assert anna.patch(path, json={"type": "ClearEntities"}).status_code == 403
