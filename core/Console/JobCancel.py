"""`job cancel <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole


class JobCancel(AbstractJobConsole):
    """Cancels a job; a running one is told to stop, and ended if it does not."""

    @staticmethod
    def get_description() -> str:
        return "Cancel a job."

    def run(self, params: dict[str, Any]) -> int:
        return self.change_status(params["id"], "Canceled", "The job has been canceled.")
