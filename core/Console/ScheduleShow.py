"""`schedule show <id>`"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core import clock
from core.Console.AbstractScheduleConsole import AbstractScheduleConsole, write_meaning
from core.exceptions import AtroError
from core.terminal import output
from core.terminal.table import flat, write_table

if TYPE_CHECKING:  # loads the database's library
    from core.orm import Entity

_JOBS = 10
_COLUMNS = ("id", "status", "fireTime", "endedAt")


class ScheduleShow(AbstractScheduleConsole):
    """Shows all fields of a schedule, what its expression means, its next times and its last jobs."""

    @staticmethod
    def get_description() -> str:
        return "Show a schedule, its next times and its last jobs."

    def run(self, params: dict[str, Any]) -> int:
        schedule = self.find_schedule(params["id"])
        document, zone = self.document(schedule), self.zone_of(schedule)
        words, notes, times = self._meaning(schedule)
        jobs = self._last_jobs(schedule)
        if params["json"]:
            meaning = {"words": words, "notes": notes, "nextTimes": clock.local_and_utc(times, zone)}
            output.write_json({**document, **meaning, "lastJobs": jobs})
            return 0
        write_table([[name, _text(value)] for name, value in document.items()], colour=output.GREEN)
        output.write()
        if words is not None:
            if not document["isActive"]:
                output.info("It is paused. When it is resumed it fires:")
            write_meaning(words, notes, times, zone)
            output.write()
        write_table([[job[name] for name in _COLUMNS] for job in jobs], _COLUMNS)
        return 0

    def _meaning(self, schedule: Entity) -> tuple[str | None, Sequence[str], Sequence[datetime]]:
        try:
            rule = self.rule_of(schedule)
            return rule.words, rule.notes, self.next_times(schedule, rule)
        except AtroError as error:  # bare SQL may have written anything, and the rest is to be seen
            output.warning(str(error))
            return None, [], []

    def _last_jobs(self, schedule: Entity) -> list[dict[str, Any]]:
        """The latest runs, those that a person started included; what they fan out has other types."""
        own = self.job_repository.where({"scheduledJobId": schedule.id, "type": schedule.get("type")})
        jobs = own.order("executeTime", "DESC").limit(_JOBS).select(list(_COLUMNS)).find()
        return [{name: document.get(name) for name in _COLUMNS} for document in (job.to_dict() for job in jobs)]


def _text(value: Any) -> str:
    return flat(value) if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
