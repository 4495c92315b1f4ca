"""`user password <name>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractUserConsole import AbstractUserConsole
from core.terminal import output


class UserPassword(AbstractUserConsole):
    """Gives a user another password, and ends all sessions and tokens that were made with the former one."""

    @staticmethod
    def get_description() -> str:
        return "Change a user's password, and end all sessions and tokens of the user."

    def run(self, params: dict[str, Any]) -> int:
        from core.access import Tokens  # the database's library: most commands need none

        user = self.accounts.get(params["name"])
        self.accounts.set_password(user, self.ask_password())
        ended = self.get_container().get(Tokens).revoke_all(user)
        output.success(f"The password of '{params['name']}' is changed; sessions and tokens ended: {ended}.")
        return 0
