"""Mass actions on scraps, and the jobs that they become."""

from __future__ import annotations

from typing import Any

from core.application import Application
from core.Entities import Job
from core.Services import Record


def manager_of(application: Application) -> Any:
    return application.container.get("entityManager")


def service(application: Application, name: str) -> Any:
    return application.container.get("serviceFactory").create(name)


def scraps(application: Application) -> Record:
    found: Record = service(application, "Scrap")
    return found


def add_scraps(application: Application, count: int, name: str = "Scrap") -> list[str]:
    """The ids of new rows, made in one go."""
    manager = manager_of(application)
    rows = [manager.get_entity("Scrap") for _ in range(count)]
    for row in rows:
        row.set("name", name)
    manager.save_entities(rows)
    return [row.id for row in rows]


def named(application: Application, name: str) -> int:
    """How many scraps have this name."""
    count: int = manager_of(application).get_repository("Scrap").where({"name": name}).count()
    return count


def chunks(application: Application, creator_id: str) -> list[Job]:
    """The jobs that a creator has made, in order."""
    jobs: list[Job] = manager_of(application).get_repository("Job").where({"creatorId": creator_id}).order("id").find()
    return jobs


def add_creator(application: Application, **payload: Any) -> str:
    """A job that cuts an action on scraps into chunks."""
    job = manager_of(application).get_entity("Job")
    job.set({"name": "Creator", "type": "MassActionCreator", "payload": {"entityName": "Scrap", **payload}})
    manager_of(application).save_entity(job)
    return str(job.id)


def run(application: Application, job_id: str) -> Job:
    """The job as it is after a run in this process."""
    application.container.get("jobManager").run_by_hand(job_id)
    found: Job = manager_of(application).get_entity("Job", job_id)
    return found


def run_chunks(application: Application, creator_id: str) -> list[Job]:
    """The chunks as they are after they have run in this process."""
    return [run(application, chunk.id) for chunk in chunks(application, creator_id)]


def set_status(application: Application, job_id: str, status: str) -> None:
    """As a person does it."""
    service(application, "Job").update_entity(job_id, {"status": status})


def status_of(application: Application, creator_id: str) -> dict[str, Any]:
    """How far the mass action is."""
    found: dict[str, Any] = service(application, "Job").mass_action_status(creator_id)
    return found
