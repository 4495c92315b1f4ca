"""`schedule run <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractScheduleConsole import AbstractScheduleConsole
from core.terminal import output


class ScheduleRun(AbstractScheduleConsole):
    """Puts a job of a schedule into the queue now, also if it is paused, and prints the job's id (AtroCore 5.4)."""

    @staticmethod
    def get_description() -> str:
        return "Run a schedule now and print the job's id."

    def run(self, params: dict[str, Any]) -> int:
        job = self.schedule_service.execute_now(self.find_schedule(params["id"]).id)
        if params["json"]:
            output.write_json(job.to_dict())
        else:
            output.write(job.id)
        self.warn_of_idleness(job.get("type"))
        return 0
