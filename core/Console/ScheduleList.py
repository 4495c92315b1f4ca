"""`schedule list`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractScheduleConsole import AbstractScheduleConsole
from core.exceptions import ConsoleError
from core.terminal import output
from core.terminal.table import write_table

_COLUMNS = ("id", "name", "type", "scheduling", "zone", "isActive", "lastRun", "nextFireTime")


class ScheduleList(AbstractScheduleConsole):
    """Shows schedules by name, and of those that were switched off why.

    `nextFireTime` is that of the job which waits in the queue; a schedule that the job manager has not seen yet has
    none.
    """

    @staticmethod
    def get_description() -> str:
        return "Show schedules, when they ran and run next."

    def run(self, params: dict[str, Any]) -> int:
        if params["active"] and params["inactive"]:
            raise ConsoleError("--active and --inactive leave nothing; take one of them.")
        self.schedule_service.plant()
        conditions = {"isActive": params["active"]} if params["active"] or params["inactive"] else {}
        found = self.schedule_repository.where(conditions).order([["name", "ASC"], ["id", "ASC"]]).find()
        schedules = [self.document(schedule) for schedule in found]
        if params["json"]:
            output.write_json(schedules)
        else:
            _write(schedules)
        if any(each["isActive"] for each in schedules):
            self.warn_of_idleness()
        return 0


def _write(schedules: list[dict[str, Any]]) -> None:
    columns = (*_COLUMNS, *(("message",) if any(each["message"] for each in schedules) else ()))
    shown = [{**each, "isActive": "yes" if each["isActive"] else ""} for each in schedules]
    write_table([[each[name] for name in columns] for each in shown], columns)
