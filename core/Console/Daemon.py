"""`daemon <name> <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole


class Daemon(AbstractConsole):
    """Runs a daemon until it is told to stop; `daemon job-manager main` is for a service manager."""

    is_hidden = True

    @staticmethod
    def get_description() -> str:
        return "Run a daemon in the foreground."

    def run(self, params: dict[str, Any]) -> int:
        return int(self.get_container().get("jobManager").daemon(params["name"], params["id"]))
