"""What the commands about schedules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from core import clock
from core.Console.AbstractJobConsole import AbstractJobConsole
from core.exceptions import ConsoleError, NotFound, did_you_mean
from core.terminal import output
from core.terminal.table import write_table

if TYPE_CHECKING:  # all of them load heavy libraries
    from core.orm import Entity, Repository
    from core.schedule import Schedule
    from core.Services.ScheduledJob import ScheduledJob

#: How many of the next times are shown.
TIMES = 10
_MOST_NAMES = 1000
_INSTANT = timedelta(microseconds=1)


class AbstractScheduleConsole(AbstractJobConsole):
    """A command about schedules."""

    @property
    def schedule_repository(self) -> Repository:
        """Where schedules are found."""
        return cast("Repository", self.get_entity_manager().get_repository("ScheduledJob"))

    @property
    def schedule_service(self) -> ScheduledJob:
        """What is done with schedules beyond saving them."""
        return cast("ScheduledJob", self.get_service_factory().create("ScheduledJob"))

    def find_schedule(self, id_or_name: str) -> Entity:
        """The schedule of an id, or the only one of a name.

        Raises NotFound, and ConsoleError with the ids where several have the name.
        """
        repository = self.schedule_repository
        found = repository.where("id", id_or_name).find() or repository.where("name", id_or_name).order("id").find()
        if not found:
            names = [each.get("name") for each in repository.select(["name"]).limit(_MOST_NAMES).find()]
            raise NotFound(f"There is no schedule '{id_or_name}'.{did_you_mean(id_or_name, names)}")
        if len(found) > 1:
            ids = ", ".join(schedule.id for schedule in found)
            raise ConsoleError(f"{len(found)} schedules have the name '{id_or_name}'. Take the id of one: {ids}.")
        return found[0]

    def zone_of(self, schedule: Entity) -> str:
        """The time zone of the schedule, or of the configuration."""
        return schedule.get("timeZone") or self.configured_zone()

    def configured_zone(self) -> str:
        """The time zone of schedules that name none; where the setting cannot be, that is said."""
        return self._configured_zone

    @cached_property
    def _configured_zone(self) -> str:
        if (fault := self.get_config().fault_of("timeZone")) is not None:
            output.warning(fault)
        return str(self.get_config().get("timeZone"))

    def document(self, schedule: Entity) -> dict[str, Any]:
        """All attributes for JSON, and `zone`, the time zone that counts."""
        return {**schedule.to_dict(), "zone": self.zone_of(schedule)}

    def read_rule(self, expression: str, zone: str) -> Schedule:
        """The expression as an object; raises InvalidSchedule."""
        from core.schedule import Schedule  # croniter, which only these commands need

        return Schedule(expression, zone)

    def rule_of(self, schedule: Entity) -> Schedule:
        """What the schedule's expression means; raises InvalidSchedule, as bare SQL may have written anything."""
        return self.read_rule(schedule.get("scheduling") or "", self.zone_of(schedule))

    def next_times(self, schedule: Entity, rule: Schedule, count: int = TIMES) -> list[datetime]:
        """The next times at which the schedule fires while it is active, between its beginning and its end."""
        starts_at, ends_at, now = schedule.get("startsAt"), schedule.get("endsAt"), clock.now()
        after = max(now, starts_at - _INSTANT) if starts_at else now  # at the very beginning it fires
        return [each for each in rule.upcoming(after, count) if ends_at is None or each <= ends_at]

    def note_next_time(self, schedule: Entity) -> None:
        """Say on standard error when the schedule fires next; standard output has the data alone."""
        zone = self.zone_of(schedule)
        times = self.next_times(schedule, self.rule_of(schedule), 1)
        output.note(f"Next time: {_both(times[0], zone)}." if times else "It has no next time: its end is reached.")

    def change_activity(self, params: Mapping[str, Any], is_active: bool) -> int:
        """Switch a schedule on or off and say so; where it is so already, that is said, and is no error."""
        schedule = self.find_schedule(params["id"])
        word = "active" if is_active else "paused"
        is_changed = bool(schedule.get("isActive")) != is_active
        if is_changed:
            schedule.set("isActive", is_active)
            self.get_entity_manager().save_entity(schedule)
        if params["json"]:
            output.write_json(self.document(schedule))
        elif is_changed:
            output.success(f"The schedule is {word}.")
        else:
            output.info(f"The schedule is {word} already.")
        if is_active:
            self.note_next_time(schedule)
        return 0


def write_meaning(words: str, notes: Sequence[str], times: Sequence[datetime], zone: str) -> None:
    """What an expression means: in words, what may surprise, and its next times on the zone's clocks and in UTC."""
    output.write(words)
    for note in notes:
        output.info(note)
    output.write()
    if times:
        write_table([[each["local"], each["utc"]] for each in clock.local_and_utc(times, zone)], (zone, "UTC"))
    else:
        output.info("There is no next time.")


def _both(moment: datetime, zone: str) -> str:
    utc = clock.to_iso(moment)
    return utc if zone == "UTC" else f"{clock.to_local(moment, zone)}, in UTC {utc}"
