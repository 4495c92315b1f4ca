"""Users as those who may log in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from core.access.passwords import hash_password, is_outdated, is_password, judge_password
from core.Entities import User
from core.exceptions import BadRequest, Conflict, NotFound, did_you_mean
from core.orm import Entity, EntityManager
from core.orm.field_types import is_storable
from core.sentence import Sentence

_PASSWORDS = "UserPassword"
OPERATOR, VIEWER = SYSTEM_ROLES = ("operator", "viewer")
ADMINISTRATOR, NONE = "administrator", "none"
ROLES = (ADMINISTRATOR, *SYSTEM_ROLES, NONE)


class Accounts:
    """Adds users, and tells by name and password who somebody is."""

    def __init__(self, entity_manager: EntityManager) -> None:
        self._manager = entity_manager

    def add(self, user_name: str, password: str, *, is_admin: bool = False, role: str | None = None) -> User:
        """A new user; raises BadRequest for a name, a password or a role that may not be, Conflict for a taken name."""
        judge_password(password)
        name = user_name.strip()
        if not name:
            raise BadRequest(Sentence("A user has a name."))
        if self.find(name) is not None:
            raise Conflict(Sentence("There is a user '{name}' already.", name=name))
        user = cast(User, self._manager.get_entity("User"))
        user.set({"userName": name, "name": name, "isAdmin": is_admin, "systemRole": role})
        with self._manager.transaction():
            self._manager.save_entity(user)
            self._store(user, password)
        return user

    def set_role(self, user: User, role: str) -> None:
        """Make a user an administrator, operator or viewer, or `none`: then her roles alone say what she may.

        Raises BadRequest for another word.
        """
        if role not in ROLES:
            raise BadRequest(f"There is no role '{role}'; there are {', '.join(ROLES)}.{did_you_mean(role, ROLES)}")
        user.set({"isAdmin": role == ADMINISTRATOR, "systemRole": role if role in SYSTEM_ROLES else None})
        self._manager.save_entity(user)

    @staticmethod
    def role_of(user: User) -> str:
        """One of `ROLES`."""
        return ADMINISTRATOR if user.is_admin() else user.get("systemRole") or NONE

    def all(self) -> Sequence[User]:
        """All users, by name."""
        found: Sequence[User] = self._manager.get_repository("User").order("userName").limit(10_000).find()
        return found

    def has_any(self) -> bool:
        """Whether anybody has a password."""
        found: bool = self._manager.get_repository(_PASSWORDS).exists()
        return found

    def find(self, user_name: str) -> User | None:
        """The user of this name, active or not."""
        if not is_storable(user_name):
            return None
        found: User | None = self._manager.get_repository("User").where("userName", user_name).find_one()
        return found

    def get(self, user_name: str) -> User:
        """The user of this name; raises NotFound."""
        user = self.find(user_name)
        if user is None:
            raise NotFound(f"There is no user '{user_name}'.")
        return user

    def authenticate(self, user_name: str, password: str) -> User | None:
        """The active user with this name and password."""
        user = self.find(user_name)
        stored = self._stored(user)
        is_right = is_password(password, None if stored is None else stored.get("hash"))
        if user is None or stored is None or not is_right or not user.get("isActive"):
            return None
        if is_outdated(stored.get("hash")):
            self._store(user, password)
        return user

    def set_password(self, user: User, password: str) -> None:
        """Give a user another password; raises BadRequest for one that may not be."""
        self._store(user, password)

    def _store(self, user: User, password: str) -> None:
        stored = self._stored(user) or self._manager.get_entity(_PASSWORDS)
        stored.set({"userId": user.id, "hash": hash_password(password)})
        self._manager.save_entity(stored)

    def _stored(self, user: User | None) -> Entity | None:
        if user is None:
            return None
        found: Entity | None = self._manager.get_repository(_PASSWORDS).where("userId", user.id).find_one()
        return found
