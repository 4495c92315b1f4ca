"""Clearing the table of one entity type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from core import clock
from core.exceptions import AtroError
from core.job_queue.states import ENDED
from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface
from core.log import job_log_path, logger

if TYPE_CHECKING:
    from core.Entities import Job
    from core.metadata import Metadata
    from core.orm import Entity, EntityManager, Query

#: Rows in one transaction: few enough that nobody who wants to write waits for long.
CHUNK = 1000
CLEAR_DELETED_AFTER_DAYS = 60


class ClearEntity(AbstractJob, JobInterface):
    """Removes outdated rows of one entity type, and deletes for good what was removed long ago. Payload: `entityName`.

    When is said by the scope: `autoDeleteAfterDays` after the creation (never if it is missing or not above 0),
    `clearDeletedAfterDays` after the removal (60 if it is missing, at once if it is not above 0).
    """

    def run(self, job: Job) -> None:
        entity_name = job.get_payload()["entityName"]
        manager, metadata = self.get_entity_manager(), self.get_metadata()
        outdated = outdated_rows(manager, metadata, entity_name)
        removed = self._clear(job, outdated, self._remove) if outdated is not None else 0
        deleted = self._clear(job, deleted_rows(manager, metadata, entity_name), self._delete_for_good)
        job.set("message", f"{removed} outdated rows removed, {deleted} removed rows deleted for good.")

    def _clear(self, job: Job, rows: Query, take: Callable[[Entity], bool]) -> int:
        """Takes the rows chunk by chunk and answers how many it got."""
        taken, left = 0, rows
        while not job.is_canceled():
            # Searching may take long, so it is done outside of the transaction; in it the rows are judged once more.
            found = left.order("id").limit(CHUNK).select(["id"]).find()
            if not found:
                break
            with self.get_entity_manager().transaction():
                taken += sum(take(row) for row in rows.where({"id": [row.id for row in found]}).find())
            left = rows.where({"id>": found[-1].id})  # a row that was kept is not met again
        return taken

    def _remove(self, row: Entity) -> bool:
        try:
            self.get_entity_manager().remove_entity(row)
        except AtroError as error:  # a listener's veto keeps its row, and no other one
            logger.warning("%s %s was not removed: %s", row.entity_type, row.id, error)
            return False
        return True

    def _delete_for_good(self, row: Entity) -> bool:
        manager = self.get_entity_manager()
        is_deleted: bool = manager.get_repository(row.entity_type).delete_from_db(row.id)
        if is_deleted and row.entity_type == "Job":
            log = job_log_path(self.get_config().root, row.id)
            manager.database.after_commit(lambda: log.unlink(missing_ok=True))
        return is_deleted


def outdated_rows(manager: EntityManager, metadata: Metadata, entity_name: str) -> Query | None:
    """The rows that are older than their type allows; None where it allows every age. A job has to have ended."""
    days = metadata.get(["scopes", entity_name, "autoDeleteAfterDays"], 0)
    if days <= 0:
        return None
    before = clock.now() - timedelta(days=days)
    outdated: Query = manager.get_repository(entity_name).where({"createdAt<": before})
    return outdated.where({"status": ENDED, "runProcess": None}) if entity_name == "Job" else outdated


def deleted_rows(manager: EntityManager, metadata: Metadata, entity_name: str) -> Query:
    """The removed rows whose time is up; the last change of such a row was its removal."""
    days = metadata.get(["scopes", entity_name, "clearDeletedAfterDays"], CLEAR_DELETED_AFTER_DAYS)
    deleted: Query = manager.get_repository(entity_name).where({"deleted": True})
    if days <= 0:
        return deleted
    before = clock.now() - timedelta(days=days)
    return deleted.where({"OR": [{"modifiedAt<": before}, {"modifiedAt": None, "createdAt<": before}]})
