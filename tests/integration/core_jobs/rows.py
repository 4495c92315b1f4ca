"""Rows of a certain age, and jobs that clear them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from core import clock
from core.application import Application
from core.Entities import Job
from core.orm import Entity


def add_row(
    application: Application, entity_name: str, *, days_old: float, removed: bool = False, **values: Any
) -> Entity:
    """A row that was created, or created and removed, so many days ago."""
    manager = application.container.get("entityManager")
    row = manager.get_entity(entity_name)
    row.set({"name": entity_name, **values})
    manager.save_entity(row)
    make_old(application, row, days_old, deleted=removed)
    return row


def make_old(application: Application, row: Entity, days: float, **columns: Any) -> None:
    """Set the moments of a row back, past everything that would set them."""
    manager = application.container.get("entityManager")
    table = manager.schema.table(row.entity_type)
    moment = clock.now() - timedelta(days=days)
    values = {"created_at": moment, "modified_at": moment, **columns}
    with manager.transaction() as connection:
        connection.execute(update(table).where(table.c.id == row.id).values(values))


def run_job(application: Application, job_type: str, **values: Any) -> Job:
    """A job of this type as it is after a run in this process."""
    manager = application.container.get("entityManager")
    job = manager.get_entity("Job")
    job.set({"name": job_type, "type": job_type, **values})
    manager.save_entity(job)
    application.container.get("jobManager").run_by_hand(job.id)
    return manager.get_entity("Job", job.id)


def clear(application: Application, entity_name: str) -> str:
    """What a ClearEntity job says afterwards."""
    job = run_job(application, "ClearEntity", payload={"entityName": entity_name})
    assert job.get("status") == "Success", job.get("message")
    return job.get("message")


def state(application: Application, row: Entity) -> str:
    """`there`, `removed` or `gone`."""
    repository = application.container.get("entityManager").get_repository(row.entity_type)
    found = repository.where({"id": row.id}).with_deleted().find_one()
    return "gone" if found is None else "removed" if found.get("deleted") else "there"
