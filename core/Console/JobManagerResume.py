"""`job manager resume`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output


class JobManagerResume(AbstractConsole):
    """Ends a pause, whoever made it; where there is none, that is said, and is no error."""

    @staticmethod
    def get_description() -> str:
        return "Let a paused job manager go on."

    def run(self, params: dict[str, Any]) -> int:
        if self.get_container().get("jobManager").resume():
            output.success("The job manager starts jobs again.")
        else:
            output.info("The job manager is not paused.")
        return 0
