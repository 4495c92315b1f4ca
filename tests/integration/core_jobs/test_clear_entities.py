"""Which jobs ClearEntities makes."""

from __future__ import annotations

from core.application import Application
from core.Entities import Job
from tests.integration.core_jobs.rows import add_row, run_job


def made(application: Application) -> list[Job]:
    repository = application.container.get("entityManager").get_repository("Job")
    return repository.where({"type": "ClearEntity"}).order("name").find()


def test_there_is_a_job_for_each_entity_that_has_something_to_clear(application: Application) -> None:
    add_row(application, "Note", days_old=31)
    add_row(application, "Scrap", days_old=61, removed=True)
    add_row(application, "Wisp", days_old=61)

    creator = run_job(application, "ClearEntities")

    assert [job.get("name") for job in made(application)] == ["Clear Note", "Clear Scrap"]
    assert creator.get("message") == "To be cleared: Note, Scrap."


def test_the_jobs_are_pending_and_know_their_entity(application: Application) -> None:
    add_row(application, "Note", days_old=31)

    run_job(application, "ClearEntities")

    job = made(application)[0]
    assert (job.get("status"), job.get_payload()) == ("Pending", {"entityName": "Note"})


def test_the_jobs_belong_to_the_schedule_and_the_owner_of_their_creator(application: Application) -> None:
    add_row(application, "Note", days_old=31)

    manager = application.container.get("entityManager")
    anna = manager.get_entity("User")
    anna.set({"id": "anna", "name": "Anna", "userName": "anna"})
    manager.save_entity(anna)

    run_job(application, "ClearEntities", scheduledJobId="monthly", ownerUserId="anna")

    assert (made(application)[0].get("scheduledJobId"), made(application)[0].get("ownerUserId")) == ("monthly", "anna")


def test_nothing_is_made_where_nothing_is_to_be_done(application: Application) -> None:
    creator = run_job(application, "ClearEntities")

    assert (made(application), creator.get("message")) == ([], "To be cleared: nothing.")
