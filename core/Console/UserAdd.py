"""`user add <name>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractUserConsole import AbstractUserConsole
from core.terminal import output


class UserAdd(AbstractUserConsole):
    """Adds a user who may log in, and prints the id."""

    @staticmethod
    def get_description() -> str:
        return "Add a user; the password is asked for, or read from standard input."

    def run(self, params: dict[str, Any]) -> int:
        user = self.accounts.add(params["name"], self.ask_password(), is_admin=params["admin"])
        output.write(user.id)
        return 0
