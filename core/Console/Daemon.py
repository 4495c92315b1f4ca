"""`daemon <name> <id> [--trial] [--lock=DESCRIPTOR] [--place=FOLDER]`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole


class Daemon(AbstractConsole):
    """Runs a daemon until it is told to stop; `daemon job-manager main` is for a service manager.

    The options are the daemon's own: whether changed code can be loaded, the lock that it keeps meanwhile,
    and the name of the folder by which it was called.
    """

    is_hidden = True

    @staticmethod
    def get_description() -> str:
        return "Run a daemon in the foreground."

    def run(self, params: dict[str, Any]) -> int:
        manager = self.get_container().get("jobManager")
        if params["trial"]:
            return int(manager.try_to_load(params["name"]))
        return int(manager.daemon(params["name"], params["id"], params["lock"], params["place"]))
