"""Sessions and API tokens: a secret that only its holder has, and a row with its hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.access.identity import Identity
from core.Entities import User
from core.exceptions import NotFound
from core.orm import Entity, EntityManager
from core.orm.database import DATABASE_ERRORS
from core.orm.field_types import is_storable

SESSION, API = "session", "api"
ALL, READ = "all", "read"
_BEGIN = "pyatro_"
_SECRET = re.compile(r"pyatro_[\w-]{43}", re.ASCII)
_MOST_SHOWN = 1000
#: Writing it down at each request would make every reader a writer.
_LAST_USE = timedelta(minutes=1)


class Tokens:
    """Issues, finds and revokes sessions and tokens."""

    def __init__(self, entity_manager: EntityManager) -> None:
        self._manager = entity_manager

    def issue(
        self,
        user: User,
        kind: str,
        *,
        name: str | None = None,
        scope: str = ALL,
        expires_at: datetime | None = None,
        address: str | None = None,
    ) -> tuple[str, Entity]:
        """The secret, which is shown this once and stored nowhere, and its row."""
        secret = _BEGIN + secrets.token_urlsafe(32)
        token = self._manager.get_entity("AuthToken")
        token.set(
            {
                "name": name,
                "kind": kind,
                "scope": scope,
                "hash": _hash(secret),
                "userId": user.id,
                "expiresAt": expires_at,
                "address": address,
            }
        )
        self._manager.save_entity(token)
        return secret, token

    def identify(self, secret: str, kind: str) -> Identity | None:
        """Whose secret it is: None where it is unknown, revoked or too old, or its user is gone or not active."""
        if not _SECRET.fullmatch(secret):
            return None
        token = self._repository.where({"hash": _hash(secret), "kind": kind}).find_one()
        if token is None or _is_over(token):
            return None
        user = self._manager.get_entity("User", token.get("userId"))
        if not isinstance(user, User) or not user.get("isActive"):
            return None
        self._note_use(token)
        return Identity(user, kind, token.get("scope"), token.id)

    def still_good(self, token_ids: Collection[str]) -> set[str]:
        """Those of the tokens that still open something: what `identify` would say of them."""
        found = self._repository.where({"id": sorted(token_ids)}).find() if token_ids else []
        users = {each.get("userId") for each in found}
        active = self._manager.get_repository("User").where({"id": sorted(users), "isActive": True}) if users else None
        active_ids = {each.id for each in active.find()} if active is not None else set()
        return {each.id for each in found if not _is_over(each) and each.get("userId") in active_ids}

    def good(self, user: User | None = None) -> Sequence[Entity]:
        """The sessions and tokens, of one user or of all, that are still good, the youngest first; at most 1,000."""
        found = self._repository.where({} if user is None else {"userId": user.id}).order("createdAt", "DESC")
        return [each for each in found.limit(_MOST_SHOWN).find() if not _is_over(each)]

    def of(self, user: User, kind: str) -> Sequence[Entity]:
        """A user's tokens that are still good, the youngest first."""
        found = (
            self._repository.where({"userId": user.id, "kind": kind})
            .order("createdAt", "DESC")
            .limit(_MOST_SHOWN)
            .find()
        )
        return [each for each in found if not _is_over(each)]

    def revoke(self, token_id: str, user: User | None = None) -> None:
        """From now on it opens nothing. With `user` it has to be hers. Raises NotFound."""
        with self.revoking(token_id, user):
            pass

    @contextmanager
    def revoking(self, token_id: str, user: User | None = None) -> Iterator[Entity]:
        """As `revoke`, in one transaction with what is written inside; given is the token as it was."""
        token = self._manager.get_entity("AuthToken", token_id) if is_storable(token_id) else None
        if token is None or (user is not None and token.get("userId") != user.id):
            raise NotFound(f"There is no token '{token_id}'.")
        with self._manager.transaction():
            self._repository.delete_from_db(token.id)
            yield token

    def revoke_all(self, user: User, *, but: str = "") -> int:
        """From now on none of a user's sessions and tokens, `but` this one, opens anything; says how many they were."""
        count: int = self._repository.delete_where({"userId": user.id, "id!=": but}, permanently=True)
        return count

    def forget_expired(self) -> int:
        """Delete the rows of those that are too old; says how many they were."""
        count: int = self._repository.delete_where({"expiresAt<=": clock.now()}, permanently=True)
        return count

    @property
    def _repository(self) -> Any:
        return self._manager.get_repository("AuthToken")

    def _note_use(self, token: Entity) -> None:
        """Nobody waits for it: where the database is busy, the next use is noted."""
        last, database = token.get("lastUsedAt"), self._manager.database
        if last is not None and clock.now() - last < _LAST_USE:
            return
        if database.in_transaction or not database.turn.try_acquire():
            return
        try:
            with database.write(turn_held=True):
                self._repository.update_where({"id": token.id}, {"lastUsedAt": clock.now()})
        except DATABASE_ERRORS:
            return


def _is_over(token: Entity) -> bool:
    expires_at = token.get("expiresAt")
    return expires_at is not None and expires_at <= clock.now()


def _hash(secret: str) -> str:
    # The secret has 256 random bits: there is nothing to guess, and so nothing to slow down.
    return hashlib.sha256(secret.encode()).hexdigest()
