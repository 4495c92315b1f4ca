"""Who asks, and by what she is known."""

from __future__ import annotations

from dataclasses import dataclass

from core.Entities import User


@dataclass(frozen=True)
class Identity:
    """A user who has shown a session (`kind` is "session") or a token ("api") that is good for `scope`: all or read.

    In a job that she asked for, `kind` is "job".
    """

    user: User
    kind: str
    scope: str
    token_id: str

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be changed, whatever the user may."""
        return self.scope == "read"
