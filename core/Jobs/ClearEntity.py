"""Clearing the table of one entity type."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import clock
from core.exceptions import AtroError
from core.job_queue.states import ENDED
from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface
from core.log import job_log_path, logger

if TYPE_CHECKING:
    from core.Entities import Job
    from core.metadata import Metadata
    from core.orm import Repository

CLEAR_DELETED_AFTER_DAYS = 60
#: How long a transaction shall take: well below the tenth of a second that others may be kept waiting.
CHUNK_SECONDS = 0.03
#: What is left to others before the next transaction, in units of the time that this one took.
_REST = 1.0
# Rows in a transaction. Where the smallest number takes longer, it is the commit that does, or others at work.
_SMALLEST_CHUNK, _LARGEST_CHUNK = 100, 2000
# The same where code of modules is called for each row.
_SMALLEST_CHUNK_ONE_BY_ONE = 10
# Ids that are looked up at once, outside of transactions.
_PAGE = 5000

Conditions = Mapping[str, Any]

#: A job may be old, and not over.
_IS_OVER = {"status": ENDED, "runProcess": None}


class ClearEntity(AbstractJob, JobInterface):
    """Removes outdated rows of one entity type, and deletes for good what was removed long ago. Payload: `entityName`.

    When is said by the scope: `autoDeleteAfterDays` after the creation (never if it is missing or not above 0),
    `clearDeletedAfterDays` after the removal (60 if it is missing, at once if it is not above 0).
    """

    def run(self, job: Job) -> None:
        entity_name = job.get_payload()["entityName"]
        repository, metadata = self.get_entity_manager().get_repository(entity_name), self.get_metadata()
        outdated = outdated_rows(metadata, entity_name)
        remove = self._remove_one_by_one if has_own_removal(repository) else self._remove
        delete = self._delete_one_by_one if has_own_deletion(repository) else self._delete
        removed = 0 if outdated is None else self._clear(job, repository, outdated, remove)
        deleted = self._clear(job, repository, deleted_rows(metadata, entity_name), delete)
        job.set("message", f"{removed} outdated rows removed, {deleted} removed rows deleted for good.")

    def _clear(
        self, job: Job, repository: Repository, conditions: Conditions, take: Callable[[Repository, Conditions], int]
    ) -> int:
        """Takes the rows chunk by chunk and answers how many it got."""
        is_bulk = take in (self._remove, self._delete)
        smallest = _SMALLEST_CHUNK if is_bulk else _SMALLEST_CHUNK_ONE_BY_ONE
        taken, size = 0, smallest
        for page in _pages(repository, conditions):
            done = 0
            while done < len(page):
                if job.is_canceled():
                    return taken
                chunk = page[done : done + size]
                with self.get_entity_manager().transaction():
                    began_at = clock.monotonic()
                    # They are judged once more: somebody may have changed them since they were looked up.
                    taken += take(repository, {"id": chunk, **conditions})
                seconds = clock.monotonic() - began_at
                done += len(chunk)
                if len(chunk) == size:
                    size = max(smallest, next_size(size, seconds))
                time.sleep(seconds * _REST)
        return taken

    def _remove(self, repository: Repository, conditions: Conditions) -> int:
        count: int = repository.delete_where(conditions)
        return count

    def _remove_one_by_one(self, repository: Repository, conditions: Conditions) -> int:
        """With listeners and hooks; a veto keeps its row, and no other one."""
        removed = 0
        for row in repository.where(conditions).find():
            try:
                self.get_entity_manager().remove_entity(row)
                removed += 1
            except AtroError as error:
                logger.warning("%s %s was not removed: %s", row.entity_type, row.id, error)
        return removed

    def _delete_one_by_one(self, repository: Repository, conditions: Conditions) -> int:
        rows = repository.where(conditions).select(["id"]).find()
        return sum(repository.delete_from_db(row.id) for row in rows)

    def _delete(self, repository: Repository, conditions: Conditions) -> int:
        count: int = repository.delete_where(conditions, permanently=True)
        if repository.type.name == "Job":
            self._delete_logs(repository, conditions["id"])
        return count

    def _delete_logs(self, repository: Repository, job_ids: list[str]) -> None:
        left = {row.id for row in repository.where({"id": job_ids}).with_deleted().select(["id"]).find()}
        logs = [job_log_path(self.get_config().root, each) for each in job_ids if each not in left]

        def delete() -> None:
            for log in logs:
                log.unlink(missing_ok=True)

        repository.database.after_commit(delete)


def next_size(size: int, seconds: float) -> int:
    """How many rows the next transaction may have, as one of `size` rows took so long: the double at most."""
    wanted = int(size * CHUNK_SECONDS / max(seconds, CHUNK_SECONDS / 2))
    return min(wanted, _LARGEST_CHUNK)


def has_own_removal(repository: Repository) -> bool:
    """Whether somebody wants to know of each row that is removed, or has a way of its own to do it."""
    events = ("before_remove", "after_remove")
    is_heard = any(map(repository.events.has_listeners, events))
    return is_heard or _overrides(repository, *events) or _has_own_way(repository, "remove", "remove_row")


def has_own_deletion(repository: Repository) -> bool:
    """Whether the repository has a way of its own to delete a row for good, and none for many."""
    return _has_own_way(repository, "delete_from_db", "delete_row")


def _has_own_way(repository: Repository, *methods: str) -> bool:
    return _overrides(repository, *methods) and not _overrides(repository, "delete_where")


def _overrides(repository: Repository, *methods: str) -> bool:
    from core.orm import Repository as Plain  # SQLAlchemy: job types are listed without it

    return any(getattr(type(repository), each) is not getattr(Plain, each) for each in methods)


def _pages(repository: Repository, conditions: Conditions) -> Iterator[list[str]]:
    """The ids of rows that are likely to meet the conditions, in their order; one that was kept is not met again.

    Not by the status: databases would take the index that begins with it, and sort all ended jobs for each page.
    """
    likely = {key: value for key, value in conditions.items() if key not in _IS_OVER}
    last: dict[str, Any] = {}
    while found := repository.where({**likely, **last}).order("id").limit(_PAGE).select(["id"]).find():
        yield [row.id for row in found]
        last = {"id>": found[-1].id}


def outdated_rows(metadata: Metadata, entity_name: str) -> Conditions | None:
    """The rows that are older than their type allows; None where it allows every age. A job has to have ended."""
    days = metadata.get(["scopes", entity_name, "autoDeleteAfterDays"], 0)
    if days <= 0:
        return None
    outdated = {"createdAt<": clock.now() - timedelta(days=days)}
    return {**outdated, **_IS_OVER} if entity_name == "Job" else outdated


def deleted_rows(metadata: Metadata, entity_name: str) -> Conditions:
    """The removed rows whose time is up; the last change of such a row was its removal."""
    days = metadata.get(["scopes", entity_name, "clearDeletedAfterDays"], CLEAR_DELETED_AFTER_DAYS)
    if days <= 0:
        return {"deleted": True}
    before = clock.now() - timedelta(days=days)
    return {"deleted": True, "OR": [{"modifiedAt<": before}, {"modifiedAt": None, "createdAt<": before}]}
