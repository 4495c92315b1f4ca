"""What Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from core import clock
from core.access import Accounts
from core.application import Application
from core.job_manager.ended_totals import EndedTotals
from core.job_queue.run import Outcome, Run
from core.testing import Installation

Header = Callable[..., dict[str, str]]


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """With a job type."""
    installation.add_job_type("Hello", "pass")
    return installation


def samples(client: TestClient, headers: dict[str, str]) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.text)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def labels(**given: str) -> frozenset[tuple[str, str]]:
    return frozenset(given.items())


def test_jobs_are_counted_as_they_come_and_end(client: TestClient, bearer: Header) -> None:
    header = bearer(scope="read")
    assert samples(client, header)[("pyatro_job_manager_up", labels())] == 0
    job = client.post("/api/Job", json={"type": "Hello"}, headers=bearer()).headers["location"]
    assert samples(client, header)[("pyatro_jobs_due", labels(type="Hello"))] == 1

    client.post(f"{job}/cancel", headers=bearer())

    found = samples(client, header)
    assert ("pyatro_jobs_due", labels(type="Hello")) not in found
    assert found[("pyatro_jobs_ended_total", labels(type="Hello", status="Canceled"))] == 1
    assert found[("pyatro_database_read_seconds", labels())] >= 0


def test_they_are_for_those_who_may_read_the_state_of_the_job_manager(
    client: TestClient, accounts: Accounts, bearer: Header
) -> None:
    accounts.add("nora", "a long password")
    accounts.add("vera", "a long password", role="viewer")

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=bearer("nora")).status_code == 403
    assert client.get("/metrics", headers=bearer("vera")).status_code == 200


def test_the_histogram_of_run_times_agrees_with_the_counters(
    application: Application, client: TestClient, bearer: Header
) -> None:
    header, queue = bearer(scope="read"), application.container.get("jobQueue")
    samples(client, header)  # totals begin here

    began_at = clock.now()
    with application.container.get("connection").write() as connection:
        ends = [(seconds, seconds < 100) for seconds in (0.0, 0.1, 0.2, 4.0, 100.0, 7200.0)]
        outcomes = [
            Outcome(
                Run(f"job {seconds}", 1, 1, "", 1, type="Peel", began_at=began_at),
                is_success,
                ended_at=began_at + timedelta(seconds=seconds),
            )
            for seconds, is_success in ends
        ]
        queue.counters.add_runs(connection, outcomes, [], [], began_at)
        queue.counters.add(connection, "Peel", "Canceled", 3, began_at)  # they never ran

    found, peel = samples(client, header), labels(type="Peel")
    buckets = {
        dict(of)["le"]: value for (name, of), value in found.items() if name == "pyatro_job_run_duration_seconds_bucket"
    }
    assert buckets == {
        "0.1": 2,
        "0.5": 3,
        "1.0": 3,
        "5.0": 4,
        "15.0": 4,
        "60.0": 4,
        "300.0": 5,
        "1800.0": 5,
        "3600.0": 5,
        "+Inf": 6,
    }
    assert found[("pyatro_job_run_duration_seconds_count", peel)] == 6
    by_status = [found[("pyatro_job_run_seconds_total", peel | labels(status=each))] for each in ("Success", "Failed")]
    assert found[("pyatro_job_run_duration_seconds_sum", peel)] == pytest.approx(sum(by_status)) == 7304.3


def test_totals_only_grow_although_old_counters_are_pruned(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [datetime(2026, 11, 25, 10, 0, 30, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    totals, queue = EndedTotals(application.container), application.container.get("jobQueue")
    database: Any = application.container.get("connection")

    def end(count: int) -> None:
        with database.write() as connection:
            queue.counters.add(connection, "Hello", "Success", count, moment[0])

    def counted() -> int:
        return totals.read()["Hello", "Success"].count

    end(5)  # before anybody asked
    assert counted() == 0
    for minutes, expected in ((0, 1), (9, 2), (11, 3), (14, 4), (40, 5)):
        moment[0] = datetime(2026, 11, 25, 10, 0, 45, tzinfo=UTC) + timedelta(minutes=minutes)
        end(1)
        assert counted() == expected
    application.container.get("entityManager").get_repository("JobCounter").delete_where(
        {"createdAt<": moment[0] - timedelta(minutes=20)}, permanently=True
    )
    assert counted() == 5
