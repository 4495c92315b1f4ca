"""`job why <id>`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output

if TYPE_CHECKING:  # loads the database's library
    from core.job_manager.job_case import Answer


class JobWhy(AbstractConsole):
    """Says why a job does not run, in one answer, and what to do about it."""

    @staticmethod
    def get_description() -> str:
        return "Say why a job does not run, and what to do."

    def run(self, params: dict[str, Any]) -> int:
        answer: Answer = self.get_container().get("jobManager").why(params["id"])
        if params["json"]:
            output.write_json(answer.to_dict())
            return 0
        output.write(answer.text)
        if answer.remedy is not None:
            output.info(answer.remedy)
        return 0
