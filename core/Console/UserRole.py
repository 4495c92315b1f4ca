"""`user role <name> <role>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractUserConsole import AbstractUserConsole
from core.terminal import output


class UserRole(AbstractUserConsole):
    """Gives a user another role; it counts from her next request on."""

    @staticmethod
    def get_description() -> str:
        return "Make a user an administrator, operator or viewer, or none of them."

    def run(self, params: dict[str, Any]) -> int:
        self.accounts.set_role(self.accounts.get(params["name"]), params["role"])
        output.success(f"The role of '{params['name']}' is now: {params['role']}.")
        return 0
