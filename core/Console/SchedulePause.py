"""`schedule pause <id>`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractScheduleConsole import AbstractScheduleConsole


class SchedulePause(AbstractScheduleConsole):
    """Switches a schedule off; the job that waits for its next time goes with it."""

    @staticmethod
    def get_description() -> str:
        return "Switch a schedule off."

    def run(self, params: dict[str, Any]) -> int:
        return self.change_activity(params, is_active=False)
