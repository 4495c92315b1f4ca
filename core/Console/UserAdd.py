"""`user add <name>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractUserConsole import AbstractUserConsole
from core.exceptions import ConsoleError
from core.terminal import output


class UserAdd(AbstractUserConsole):
    """Adds a user who may log in, and prints the id."""

    @staticmethod
    def get_description() -> str:
        return "Add a user; the password is asked for, or read from standard input."

    def run(self, params: dict[str, Any]) -> int:
        if params["admin"] and params["role"] is not None:
            raise ConsoleError("An administrator needs no --role: nothing is forbidden to her.")
        user = self.accounts.add(params["name"], self.ask_password(), is_admin=params["admin"], role=params["role"])
        output.write(user.id)
        return 0
