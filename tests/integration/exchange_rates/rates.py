"""Small files of rates, and jobs that import them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from core.application import Application
from core.Entities import Job


def write_rates(folder: Path, *lines: str) -> Path:
    """A file of rates with these lines."""
    path = folder / "rates.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rates.csv", "\n".join(lines))
    return path


def add_job(application: Application, job_type: str, **values: Any) -> Job:
    """A saved job."""
    manager = application.container.get("entityManager")
    job = manager.get_entity("Job")
    job.set({"name": job_type, "type": job_type, **values})
    manager.save_entity(job)
    return job


def run_job(application: Application, job: Job) -> Job:
    """The job as it is after a run in this process."""
    application.container.get("jobManager").run_by_hand(job.id)
    return application.container.get("entityManager").get_entity("Job", job.id)


def import_currency(application: Application, file: Path, currency: str = "USD") -> Job:
    """The job that has imported one currency."""
    payload = {"currency": currency, "file": str(file)}
    return run_job(application, add_job(application, "ImportCurrencyRates", payload=payload))


def stored(application: Application) -> list[tuple[str, str, float]]:
    """Currency, day and value of all stored rates, the oldest first."""
    rates = application.container.get("entityManager").get_repository("ExchangeRate").order("date").find()
    return [(rate.get("currency"), str(rate.get("date")), rate.get("rate")) for rate in rates]
