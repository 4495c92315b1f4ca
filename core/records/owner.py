"""Whose doing the work of a job is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.orm import Entity, EntityManager


@contextmanager
def acting_for_owner(manager: EntityManager, job: Entity) -> Iterator[None]:
    """Inside, things are done on behalf of the job's owner, if that is a user who is there.

    Then the filter `onlyMy` means what it meant to her, and what is changed is changed by her.
    """
    owner = manager.get_entity("User", job.get("ownerUserId"))
    if owner is None:
        yield
        return
    former = manager.get_user()
    manager.set_user(owner)
    try:
        yield
    finally:
        manager.set_user(former)
