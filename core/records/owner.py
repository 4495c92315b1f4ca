"""On whose behalf a job works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core import clock
from core.exceptions import Error
from core.orm import Entity, EntityManager
from core.sentence import Sentence

#: The message of a job that was not run, as nobody is there on whose behalf it would be.
NO_OWNER = "The job was not run, as its owner"
#: A worker looks no more often than that whether an owner is still there.
_KEPT_SECONDS = 5.0
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class OwnerLack:
    """Why nobody is there: `the user '...', is gone`, and what to do about it; both without a full stop."""

    text: Sentence
    remedy: Sentence


def owner_lack(manager: EntityManager, user_id: str | None) -> OwnerLack | None:
    """Why a job with this `ownerUserId` cannot run; None where it can."""
    if not user_id or user_id == manager.system_user_id:
        return None
    found = manager.get_entity("User", user_id)
    return None if found is not None and found.get("isActive") else _lack_of(user_id, found)


class JobOwners:
    """Lets jobs work on behalf of their owners; those of nobody, and of the system user, on behalf of that one."""

    def __init__(self, manager: EntityManager) -> None:
        self._manager = manager
        #: By id, when somebody was looked for, and who was found.
        self._known: dict[str, tuple[float, Entity | None]] = {}

    def owner_of(self, job: Entity) -> Entity | None:
        """The owner; None for the system user and for nobody. Raises Error where she is gone or inactive."""
        user_id = job.get("ownerUserId")
        if not user_id or user_id == self._manager.system_user_id:
            return None
        found = self._found(user_id)
        if found is None or not found.get("isActive"):
            lack = _lack_of(user_id, found)
            raise Error(f"{NO_OWNER}, {lack.text}. {lack.remedy}, and retry it.")
        mine: Entity = self._manager.get_repository("User").make()
        mine.become(found)  # what a job sets in its user is not for the next one
        return mine

    @contextmanager
    def acting_for(self, owner: Entity) -> Iterator[None]:
        """Inside, `get_user()` is the owner, and what is saved is hers."""
        former = self._manager.get_user()
        self._manager.set_user(owner)
        try:
            yield
        finally:
            self._manager.set_user(former)

    def _found(self, user_id: str) -> Entity | None:
        known = self._known.get(user_id)
        now = clock.monotonic()
        if known is None or now - known[0] > _KEPT_SECONDS:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[user_id] = (now, self._manager.get_entity("User", user_id))
        _, found = known
        return found


def _lack_of(user_id: str, found: Entity | None) -> OwnerLack:
    if found is None:
        text = Sentence("the user '{id}', is gone", id=user_id)
        return OwnerLack(text, Sentence("Give it another one (ownerUserId)"))
    text = Sentence("'{name}', is not active", name=found.get("userName"))
    return OwnerLack(text, Sentence("Let the user be active again, or give it another one (ownerUserId)"))
