"""Which rows ClearEntity removes, deletes for good, and leaves."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from core import clock
from core.application import Application
from core.Jobs.ClearEntity import next_size
from core.log import job_log_path
from core.testing import Installation
from tests.integration.core_jobs.rows import add_row, clear, make_old, run_job, state

VETO = """\
from core.exceptions import Forbidden
from core.Listeners import AbstractListener


class NoteEntity(AbstractListener):
    def before_remove(self, event):
        if event.get_argument("entity").get("name") == "Keep me":
            raise Forbidden("This note is kept.")
"""


@pytest.mark.parametrize(("days", "expected"), [(31, "removed"), (29, "there")])
def test_rows_are_removed_when_they_are_outdated(application: Application, days: int, expected: str) -> None:
    row = add_row(application, "Note", days_old=days)

    clear(application, "Note")

    assert state(application, row) == expected


def test_rows_of_a_type_without_a_limit_never_get_too_old(application: Application) -> None:
    row = add_row(application, "Scrap", days_old=10_000)

    assert clear(application, "Scrap") == "0 outdated rows removed, 0 removed rows deleted for good."
    assert state(application, row) == "there"


@pytest.mark.parametrize(("days", "expected"), [(11, "gone"), (9, "removed")])
def test_removed_rows_are_deleted_for_good_after_their_time(application: Application, days: int, expected: str) -> None:
    row = add_row(application, "Note", days_old=days, removed=True)

    clear(application, "Note")

    assert state(application, row) == expected


@pytest.mark.parametrize(("days", "expected"), [(61, "gone"), (59, "removed")])
def test_sixty_days_are_the_default(application: Application, days: int, expected: str) -> None:
    row = add_row(application, "Scrap", days_old=days, removed=True)

    clear(application, "Scrap")

    assert state(application, row) == expected


def test_zero_days_mean_at_once(application: Application) -> None:
    row = add_row(application, "Wisp", days_old=0, removed=True)

    clear(application, "Wisp")

    assert state(application, row) == "gone"


def test_the_time_of_the_removal_counts_and_not_that_of_the_creation(application: Application) -> None:
    row = add_row(application, "Scrap", days_old=100)
    application.container.get("entityManager").remove_entity(row)

    clear(application, "Scrap")

    assert state(application, row) == "removed"


def test_where_no_removal_is_noted_the_creation_counts(application: Application) -> None:
    row = add_row(application, "Scrap", days_old=0)
    make_old(application, row, 61, deleted=True, modified_at=None)

    clear(application, "Scrap")

    assert state(application, row) == "gone"


def test_what_was_removed_just_now_is_not_deleted_for_good(application: Application) -> None:
    row = add_row(application, "Note", days_old=1000)

    assert clear(application, "Note") == "1 outdated rows removed, 0 removed rows deleted for good."
    assert state(application, row) == "removed"


def test_more_rows_than_one_chunk_are_cleared(application: Application) -> None:
    manager = application.container.get("entityManager")
    manager.save_entities([manager.get_entity("Wisp") for _ in range(2001)])
    with manager.transaction() as connection:
        connection.execute(manager.schema.table("Wisp").update().values(deleted=True))

    assert clear(application, "Wisp") == "0 outdated rows removed, 2001 removed rows deleted for good."


def test_a_veto_keeps_its_row_only(installation: Installation) -> None:
    installation.add_module("Veto", {"Listeners/NoteEntity.py": VETO})
    with installation.application() as application:
        kept = add_row(application, "Note", days_old=31, name="Keep me")
        other = add_row(application, "Note", days_old=31)

        assert clear(application, "Note").startswith("1 outdated rows")
        assert (state(application, kept), state(application, other)) == ("there", "removed")


@pytest.mark.parametrize("status", ["Success", "Failed", "Canceled"])
def test_ended_jobs_are_removed_after_three_weeks(application: Application, status: str) -> None:
    job = add_row(application, "Job", days_old=0, type="Rebuild")
    make_old(application, job, 22, status=status)

    clear(application, "Job")

    assert state(application, job) == "removed"


@pytest.mark.parametrize("status", ["Pending", "Running", "Awaiting"])
def test_jobs_that_have_not_ended_are_kept_for_ever(application: Application, status: str) -> None:
    job = add_row(application, "Job", days_old=0, type="Rebuild")
    make_old(application, job, 1000, status=status)

    clear(application, "Job")

    assert state(application, job) == "there"


def test_a_canceled_job_whose_process_lives_is_kept(application: Application) -> None:
    job = add_row(application, "Job", days_old=0, type="Rebuild")
    make_old(application, job, 22, status="Canceled", run_process="somebody")

    clear(application, "Job")

    assert state(application, job) == "there"


def test_the_log_of_a_job_goes_with_it(application: Application) -> None:
    job = add_row(application, "Job", days_old=36, removed=True, type="Rebuild", executeTime=clock.now())
    log = job_log_path(application.root, job.id)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("It was long ago.")

    clear(application, "Job")

    assert (state(application, job), log.exists()) == ("gone", False)


def test_an_unknown_entity_fails_the_job(application: Application) -> None:
    job = run_job(application, "ClearEntity", payload={"entityName": "Nonsense"})

    assert (job.get("status"), job.get("message")) == ("Failed", "ORM: Repository 'Nonsense' does not exist.")


def test_what_is_kept_of_the_attempts_goes_with_the_job(application: Application) -> None:
    job = add_row(application, "Job", days_old=36, removed=True, type="Rebuild")
    other = add_row(application, "Job", days_old=0, type="Rebuild")
    manager = application.container.get("entityManager")
    with manager.transaction() as connection:
        attempt = manager.schema.table("JobAttempt")
        connection.execute(insert(attempt), [{"id": each.id, "job_id": each.id} for each in (job, other)])

    clear(application, "Job")

    assert [each.get("jobId") for each in manager.get_repository("JobAttempt").find()] == [other.id]


OWN_WAY = """\
from core.orm import Repository


class Note(Repository):
    def delete_row(self, connection, entity_id):
        if self.get_entity_manager().get_repository("Note").with_deleted().where("id", entity_id).count() != 1:
            raise RuntimeError
        print("Deleting", entity_id)
        return super().delete_row(connection, entity_id)
"""


def test_a_repository_with_a_way_of_its_own_is_asked_for_each_row(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.add_module("OwnWay", {"Repositories/Note.py": OWN_WAY})
    with installation.application() as application:
        row = add_row(application, "Note", days_old=11, removed=True)

        clear(application, "Note")

        assert (state(application, row), f"Deleting {row.id}" in capsys.readouterr().out) == ("gone", True)


@pytest.mark.parametrize(
    ("size", "seconds", "expected"), [(100, 0.0, 200), (100, 0.015, 200), (100, 0.06, 50), (2000, 0.01, 2000)]
)
def test_the_next_transaction_is_as_large_as_the_last_one_was_fast(size: int, seconds: float, expected: int) -> None:
    assert next_size(size, seconds) == expected
