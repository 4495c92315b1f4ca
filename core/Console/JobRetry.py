"""`job retry <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole


class JobRetry(AbstractJobConsole):
    """Puts a job that has ended back into the queue."""

    @staticmethod
    def get_description() -> str:
        return "Put a job back into the queue."

    def run(self, params: dict[str, Any]) -> int:
        code = self.change_status(params["id"], "Pending", "The job is Pending again.")
        self.warn_of_idleness(self.find_job(params["id"]).get("type"))
        return code
