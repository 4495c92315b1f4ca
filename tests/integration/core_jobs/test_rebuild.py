"""Rebuild brings the database up to the metadata."""

from __future__ import annotations

from core.application import Application
from core.testing import Installation
from tests.integration.core_jobs.conftest import entity
from tests.integration.core_jobs.rows import run_job


def test_a_table_of_an_entity_that_came_meanwhile_is_created(
    installation: Installation, application: Application
) -> None:
    application.container.get("entityManager").get_repository("Note").count()
    installation.add_module("Notes", entity("Letter"))

    job = run_job(application, "Rebuild")

    assert "Letter" in job.get("message")
    assert installation.query("SELECT count(*) AS letters FROM letter") == [{"letters": 0}]


def test_the_cache_is_cleared(installation: Installation, application: Application) -> None:
    stale = installation.data / "cache" / "stale.json"
    stale.parent.mkdir(exist_ok=True)
    stale.write_text("{}")

    run_job(application, "Rebuild")

    assert not stale.exists()


def test_it_runs_where_there_is_no_cache(application: Application) -> None:
    assert run_job(application, "Rebuild").get("status") == "Success"
