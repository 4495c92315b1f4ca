"""`schedule add <type>`"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.Console.AbstractScheduleConsole import AbstractScheduleConsole
from core.exceptions import ConsoleError
from core.terminal import output
from core.terminal.values import one_of, to_count, to_json_object, to_moment, to_number, to_whole_number


class ScheduleAdd(AbstractScheduleConsole):
    """Saves a new schedule and prints its id."""

    @staticmethod
    def get_description() -> str:
        return "Add a schedule and print its id."

    def run(self, params: dict[str, Any]) -> int:
        schedule = self.get_entity_manager().get_entity("ScheduledJob")
        schedule.set(self._values(params))
        self.get_entity_manager().save_entity(schedule)
        if params["json"]:
            output.write_json(self.document(schedule))
        else:
            output.write(schedule.id)
        if schedule.get("isActive"):
            self.note_next_time(schedule)
        else:
            output.note("It is paused.")
        return 0

    def _values(self, params: dict[str, Any]) -> dict[str, Any]:
        job_type = params["type"]
        if params["cron"] is None:
            raise ConsoleError('--cron is missing, such as --cron="0 2 * * *".')
        if params["name"] is not None and not params["name"].strip():
            raise ConsoleError("--name needs a text.")
        label = self.get_language().translate_option(job_type, "type", "ScheduledJob")
        values = {
            "type": job_type,
            "name": params["name"] or label,
            "scheduling": params["cron"],
            "isActive": not params["inactive"],
        }
        for option, (attribute, read) in self._readers().items():
            if (text := params[option]) is not None:
                values[attribute] = read(f"--{option}", text)
        return values

    def _readers(self) -> dict[str, tuple[str, Callable[[str, str], Any]]]:
        """By option the attribute, and what makes its value of the text."""
        return {
            "time-zone": ("timeZone", lambda _, text: text),
            "payload": ("payload", to_json_object),
            "priority": ("priority", to_number),
            "overlap": ("overlap", self._option_of("overlap")),
            "catch-up": ("catchUp", self._option_of("catchUp")),
            "jitter": ("jitterSeconds", to_whole_number),
            "starts-at": ("startsAt", to_moment),
            "ends-at": ("endsAt", to_moment),
            "max-failures": ("maxFailures", to_count),
        }

    def _option_of(self, field: str) -> Callable[[str, str], str]:
        options = self.get_metadata().get(["entityDefs", "ScheduledJob", "fields", field, "options"], [])
        return lambda option, text: one_of(option, text, options)
