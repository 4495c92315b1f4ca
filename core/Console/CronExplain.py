"""`cron explain <expression>`"""

from __future__ import annotations

from typing import Any

from core import clock
from core.Console.AbstractScheduleConsole import TIMES, AbstractScheduleConsole, times_as_documents, write_meaning
from core.terminal import output


class CronExplain(AbstractScheduleConsole):
    """Says in words when an expression fires, and shows its next times; needs no database."""

    @staticmethod
    def get_description() -> str:
        return "Explain a cron expression, and show its next times."

    def run(self, params: dict[str, Any]) -> int:
        expression, zone = params["expression"], params["tz"] or self.configured_zone()
        rule = self.read_rule(expression, zone)
        times = rule.upcoming(clock.now(), TIMES)
        if params["json"]:
            output.write_json(
                {
                    "expression": expression,
                    "zone": zone,
                    "words": rule.words,
                    "notes": list(rule.notes),
                    "nextTimes": times_as_documents(times, zone),
                }
            )
        else:
            write_meaning(rule.words, rule.notes, times, zone)
        return 0
