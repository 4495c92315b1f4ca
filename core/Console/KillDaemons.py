"""`kill daemons`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output


class KillDaemons(AbstractConsole):
    """Stops the job manager; running jobs go on, and the next `cron` starts it again."""

    @staticmethod
    def get_description() -> str:
        return "Kill all daemons."

    def run(self, params: dict[str, Any]) -> int:
        self.get_container().get("jobManager").request_stop()
        output.success("All daemons killed successfully")
        return 0
