"""A person who works with the system, or the system itself."""

from __future__ import annotations

from core.orm.entity import Entity


class User(Entity):
    """A user."""

    def is_admin(self) -> bool:
        """Whether nothing is forbidden to this user."""
        return bool(self.get("isAdmin"))

    def is_system(self) -> bool:
        """Whether this is the user for what nobody asked for."""
        return bool(self.get("type") == "system")
