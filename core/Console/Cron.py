"""`cron`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole


class Cron(AbstractConsole):
    """Starts the job manager if none runs, and closes dead jobs; says nothing, as crontab mails what is said."""

    @staticmethod
    def get_description() -> str:
        return "Run CRON."

    def run(self, params: dict[str, Any]) -> int:
        self.get_container().get("jobManager").start_if_needed()
        return 0
