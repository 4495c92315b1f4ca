"""On whose behalf a job works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core import clock
from core.exceptions import Error
from core.orm import Entity, EntityManager

#: The message of a job that was not run, as nobody is there on whose behalf it would be.
NO_OWNER = "The job was not run, as its owner"
#: A worker looks no more often than that whether an owner is still there.
_KEPT_SECONDS = 5.0
_MOST_KEPT = 1000


class JobOwners:
    """Lets jobs work on behalf of their owners; those of nobody, and of the system user, on behalf of that one."""

    def __init__(self, manager: EntityManager) -> None:
        self._manager = manager
        #: By id, when somebody was looked for, and who was found.
        self._known: dict[str, tuple[float, Entity | None]] = {}

    @contextmanager
    def acting_for(self, job: Entity) -> Iterator[None]:
        """Inside, `get_user()` is the owner, and what is saved is hers; raises Error where she is gone or inactive."""
        owner = self._owner(job.get("ownerUserId"))
        if owner is None:
            yield
            return
        former = self._manager.get_user()
        self._manager.set_user(owner)
        try:
            yield
        finally:
            self._manager.set_user(former)

    def _owner(self, user_id: str | None) -> Entity | None:
        if not user_id or user_id == self._manager.system_user_id:
            return None
        found = self._found(user_id)
        if found is None:
            raise Error(f"{NO_OWNER}, the user '{user_id}', is gone. Give it another one (ownerUserId), and retry it.")
        if not found.get("isActive"):
            name = found.get("userName")
            raise Error(f"{NO_OWNER}, '{name}', is not active. Let the user be active again, or give it another one.")
        mine: Entity = self._manager.get_repository("User").make()
        mine.become(found)  # what a job sets in its user is not for the next one
        return mine

    def _found(self, user_id: str) -> Entity | None:
        known = self._known.get(user_id)
        now = clock.monotonic()
        if known is None or now - known[0] > _KEPT_SECONDS:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[user_id] = (now, self._manager.get_entity("User", user_id))
        _, found = known
        return found
