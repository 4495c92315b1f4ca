"""`job types`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.terminal import output
from core.terminal.table import write_table

_COLUMNS = ("type", "owner", "handler", "scheduledJob", "overrides")


class JobTypes(AbstractJobConsole):
    """Shows every job type with its owner and handler, and what was overridden on the way."""

    @staticmethod
    def get_description() -> str:
        return "Show all job types and their owners."

    def run(self, params: dict[str, Any]) -> int:
        types = self.get_service_factory().create("JobTypes").documents()
        if params["json"]:
            output.write_json(types)
        else:
            write_table([self._row(each) for each in types], _COLUMNS)
        self.warn_of_overrides()
        return 0

    @staticmethod
    def _row(each: dict[str, Any]) -> list[Any]:
        steps = [(step["owner"], step["overriddenOwner"], ", ".join(step["keys"])) for step in each["overrides"]]
        overrides = "; ".join(f"{owner} overrides {former}: {keys}" for owner, former, keys in steps)
        return [each["type"], each["owner"], each["handler"], "yes" if each["scheduledJob"] else "", overrides]
