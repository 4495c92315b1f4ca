"""Events, as a client reads them from a server of its own process."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from core.log import job_log_path
from core.testing import Installation
from tests.acceptance.web.serving import serving

PASSWORD = "correct horse battery"


@pytest.fixture
def token(installation: Installation) -> str:
    """An administrator's, on an installation with a job type."""
    installation.add_job_type("Hello", "pass")
    assert installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n").returncode == 0
    return installation.console("user", "token", "anna").stdout.strip()


def client_of(address: str, token: str) -> httpx2.Client:
    return httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def events(answer: httpx2.Response) -> Iterator[tuple[str, str, Any]]:
    """Kind, id and data of each event."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])
            fields = {}


def test_a_job_and_its_log_are_told_and_who_comes_back_goes_on(installation: Installation, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with (
        serving(installation) as (address, process),
        httpx2.Client(timeout=60, base_url=address, headers=headers) as client,
    ):
        job = client.post("/api/Job", json={"type": "Hello"}).json()["id"]
        file = job_log_path(installation.root, job)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("first\n")
        watch = {"log": job, "jobs": job}
        with client.stream("GET", "/api/events", params=watch) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            told = events(answer)
            assert next(told)[0] == "ready"
            assert next(each for each in told if each[0] == "log")[2] == {"jobId": job, "text": "first\n"}
            client.post(f"/api/Job/{job}/cancel")
            kind, last, document = next(each for each in told if each[0] == "job")
            assert (kind, document["id"], document["status"]) == ("job", job, "Canceled")

        client.post(f"/api/Job/{job}/retry")
        with file.open("a") as log:
            log.write("second\n")
        with client.stream("GET", "/api/events", params=watch, headers={"Last-Event-ID": last}) as answer:
            told = events(answer)
            seen = [next(told) for _ in range(2)]
            assert {"jobId": job, "text": "second\n"} in [each[2] for each in seen if each[0] == "log"]

            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


def test_only_those_who_may_come_in_listen(installation: Installation, token: str) -> None:
    with serving(installation) as (address, _):
        assert httpx2.get(f"{address}/api/events", timeout=60).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert (
            httpx2.get(f"{address}/api/events", params={"log": "nothing"}, headers=headers, timeout=60).status_code
            == 404
        )


def test_a_session_that_is_over_hears_nothing_more_and_a_bundle_says_what_has_changed(
    installation: Installation, token: str
) -> None:
    with serving(installation) as (address, _), httpx2.Client(timeout=60, base_url=address) as browser:
        assert browser.post("/api/login", json={"userName": "anna", "password": PASSWORD}).status_code == 200
        with client_of(address, token) as client:
            job = client.post("/api/Job", json={"type": "Hello"}).json()["id"]
            with browser.stream("GET", "/api/events", params={"bundled": "true", "jobs": job, "log": job}) as answer:
                told = events(answer)
                assert next(told)[0] == "ready"
                client.post(f"/api/Job/{job}/cancel")
                about = next(data["about"] for kind, _, data in told if kind == "changed" and job in data["about"])
                assert "job" in about
                file = job_log_path(installation.root, job)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("first\n")
                assert next(data for _, _, data in told if "log" in data["about"])

                browser.post("/api/logout", headers={"Origin": address})

                for _ in told:
                    pass  # it ends
            assert browser.get("/api/events").status_code == 401


@pytest.mark.proof
def test_a_module_that_comes_is_served_by_the_same_process(installation: Installation, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with (
        serving(installation) as (address, process),
        httpx2.Client(timeout=60, base_url=address, headers=headers) as client,
    ):
        assert client.get("/api/Product").status_code == 404

        installation.add_module("Shop", {"Resources/metadata/scopes/Product.json": {"entity": True, "type": "Base"}})

        def is_served() -> bool:
            try:
                return client.get("/api/Product").status_code == 200
            except httpx2.TransportError:  # this connection was ended; whoever connects anew waits for the successor
                return False

        installation.wait_until(is_served, 60)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


@pytest.mark.proof
def test_code_that_cannot_be_loaded_changes_nothing(installation: Installation, token: str) -> None:
    log = installation.data / "logs" / "atro.log"
    with serving(installation) as (address, _):
        metadata = installation.data / "metadata" / "entityDefs" / "Job.json"
        metadata.parent.mkdir(parents=True)
        metadata.write_text('{"fields": 5}')

        installation.wait_until(lambda: log.exists() and "cannot be loaded" in log.read_text(), 60)

        with client_of(address, token) as client:
            assert client.get("/api/Job").status_code == 200
