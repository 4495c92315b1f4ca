"""`user list`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractUserConsole import AbstractUserConsole
from core.terminal import output
from core.terminal.table import write_table

_COLUMNS = ("id", "userName", "name", "role", "isActive")


class UserList(AbstractUserConsole):
    """Shows who may log in, and as what."""

    @staticmethod
    def get_description() -> str:
        return "Show the users and what they are."

    def run(self, params: dict[str, Any]) -> int:
        accounts = self.accounts
        users = [
            {
                "id": user.id,
                "userName": user.get("userName"),
                "name": user.get("name"),
                "role": accounts.role_of(user),
                "isActive": user.get("isActive"),
            }
            for user in accounts.all()
        ]
        if params["json"]:
            output.write_json(users)
            return 0
        shown = [{**each, "isActive": "yes" if each["isActive"] else ""} for each in users]
        write_table([[each[name] for name in _COLUMNS] for each in shown], _COLUMNS)
        return 0
