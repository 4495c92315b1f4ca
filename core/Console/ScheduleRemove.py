"""`schedule remove <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractScheduleConsole import AbstractScheduleConsole
from core.terminal import output


class ScheduleRemove(AbstractScheduleConsole):
    """Removes a schedule, and the job that waits for its next time; jobs that have begun stay."""

    @staticmethod
    def get_description() -> str:
        return "Remove a schedule."

    def run(self, params: dict[str, Any]) -> int:
        schedule = self.find_schedule(params["id"])
        self.get_entity_manager().remove_entity(schedule)
        if params["json"]:
            output.write_json(self.document(schedule))
        else:
            output.success("The schedule has been removed.")
        return 0
