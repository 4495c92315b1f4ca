"""`cron explain <expression>`"""

from __future__ import annotations

from typing import Any

from core import clock
from core.Console.AbstractScheduleConsole import TIMES, AbstractScheduleConsole, write_meaning
from core.terminal import output


class CronExplain(AbstractScheduleConsole):
    """Says in words when an expression fires, and shows its next times; needs no database."""

    @staticmethod
    def get_description() -> str:
        return "Explain a cron expression, and show its next times."

    def run(self, params: dict[str, Any]) -> int:
        expression, zone = params["expression"], params["tz"] or self.configured_zone()
        if params["json"]:
            from core.schedule.preview import preview  # croniter, which only these commands need

            output.write_json(preview(expression, zone, TIMES, clock.now()))
            return 0
        rule = self.read_rule(expression, zone)
        write_meaning(rule.words, rule.notes, rule.upcoming(clock.now(), TIMES), zone)
        return 0
