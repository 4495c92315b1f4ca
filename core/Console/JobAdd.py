"""`job add <type>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.exceptions import ConsoleError, did_you_mean
from core.terminal import output
from core.terminal.values import to_json_object, to_moment, to_number


class JobAdd(AbstractJobConsole):
    """Saves a new job and prints its id."""

    @staticmethod
    def get_description() -> str:
        return "Add a job and print its id."

    def run(self, params: dict[str, Any]) -> int:
        job = self.get_entity_manager().get_entity("Job")
        job.set(self._values(params))
        conflict = params["on-conflict"]
        self.get_entity_manager().save_entity(job, None if conflict is None else {"on_conflict": conflict})
        if params["json"]:
            output.write_json(job.to_dict())
        else:
            output.write(job.id)
        self.warn_of_idleness(job.get("type"))
        return 0

    def _values(self, params: dict[str, Any]) -> dict[str, Any]:
        job_type = params["type"]
        known = self.job_types
        if job_type not in known:
            raise ConsoleError(f"There is no job type '{job_type}'.{did_you_mean(job_type, known)}")
        values: dict[str, Any] = {"type": job_type, "name": params["name"] or job_type}
        if params["payload"] is not None:
            values["payload"] = to_json_object("--payload", params["payload"])
        if params["priority"] is not None:
            values["priority"] = to_number("--priority", params["priority"])
        if params["at"] is not None:
            values["executeTime"] = to_moment("--at", params["at"])
        return values
