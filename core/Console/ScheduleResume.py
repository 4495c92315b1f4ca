"""`schedule resume <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractScheduleConsole import AbstractScheduleConsole


class ScheduleResume(AbstractScheduleConsole):
    """Switches a schedule on; what it missed meanwhile is not made up for."""

    @staticmethod
    def get_description() -> str:
        return "Switch a schedule on."

    def run(self, params: dict[str, Any]) -> int:
        return self.change_activity(params, is_active=True)
