"""`job manager pause`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output


class JobManagerPause(AbstractConsole):
    """Lets no job start on this machine any more, and remembers who wanted it and why; running jobs go on.

    A pause that there is stays as it is, and is no error.
    """

    @staticmethod
    def get_description() -> str:
        return "Pause the job manager: running jobs go on, and no other starts."

    def run(self, params: dict[str, Any]) -> int:
        manager = self.get_container().get("jobManager")
        former = manager.paused()
        if former is None:
            manager.pause(params["reason"] or None)
        if params["json"]:
            output.write_json(manager.paused().to_dict())
        elif former is not None:
            output.info(f"The job manager is paused already, {former}.")
        else:
            output.success('The job manager is paused. "python console.py job manager resume" lets it go on.')
        return 0
