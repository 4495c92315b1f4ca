"""`user token <name>`"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import clock
from core.Console.AbstractUserConsole import AbstractUserConsole
from core.exceptions import ConsoleError
from core.terminal import output
from core.terminal.values import to_count

_MOST_DAYS = 36_500


class UserToken(AbstractUserConsole):
    """Prints a new token for the API, this once: only its hash is stored."""

    @staticmethod
    def get_description() -> str:
        return "Print a new API token of a user: for everything that the user may do, or for reading only."

    def run(self, params: dict[str, Any]) -> int:
        from core.access.tokens import ALL, API, READ, Tokens  # the database's library: most commands need none

        days = None if params["days"] is None else to_count("--days", params["days"])
        if days is not None and days > _MOST_DAYS:
            raise ConsoleError(f"--days is at most {_MOST_DAYS}; a token without it lasts until it is revoked.")
        secret, _ = (
            self.get_container()
            .get(Tokens)
            .issue(
                self.accounts.get(params["name"]),
                API,
                name=params["label"],
                scope=READ if params["read"] else ALL,
                expires_at=None if days is None else clock.now() + timedelta(days=days),
            )
        )
        output.write(secret)
        return 0
