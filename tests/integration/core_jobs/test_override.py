"""A module puts its own handler in the place of core's."""

from __future__ import annotations

import pytest

from core.testing import Installation
from tests.integration.core_jobs.rows import run_job

HANDLER = """\
from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface


class ClearEntity(AbstractJob, JobInterface):
    def run(self, job: Job) -> None:
        job.set("message", f"{job.get_payload()['entityName']} is sacred.")
"""
JOB_TYPES = "Resources/metadata/app/jobTypes.json"


@pytest.fixture
def overridden(installation: Installation) -> Installation:
    entry = {"handler": "\\Sacred\\Jobs\\ClearEntity"}
    installation.add_module("Sacred", {"Jobs/ClearEntity.py": HANDLER, JOB_TYPES: {"ClearEntity": entry}})
    return installation


def test_the_handler_of_the_module_runs(overridden: Installation) -> None:
    with overridden.application() as application:
        job = run_job(application, "ClearEntity", payload={"entityName": "Note"})

    assert job.get("message") == "Note is sacred."


@pytest.mark.proof
def test_it_runs_in_a_worker_of_the_job_manager_too(overridden: Installation) -> None:
    job_id = overridden.console("job", "add", "ClearEntity", '--payload={"entityName": "Note"}').stdout.strip()
    overridden.start_job_manager()

    overridden.console("job", "wait", job_id, "--timeout=30")

    assert overridden.job(job_id)["message"] == "Note is sacred."


def test_what_the_module_does_not_name_is_core_s(overridden: Installation) -> None:
    with overridden.application() as application:
        job_type = application.container.get("metadata").get("app.jobTypes.ClearEntity")

    assert job_type["scheduledJob"] is False
    assert job_type["payloadSchema"]["required"] == ["entityName"]


def test_job_types_names_both_handlers(overridden: Installation) -> None:
    warnings = overridden.console("job", "types").stderr

    assert "ClearEntity" in warnings
    assert "\\Atro\\Jobs\\ClearEntity" in warnings
    assert "\\Sacred\\Jobs\\ClearEntity" in warnings
