"""Schedules of all kinds, and the fire times that they must have had."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.application import Application
from core.schedule import Schedule
from core.testing import Installation

ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("Asia/Kathmandu", "Pacific/Chatham", "America/Santiago", "Pacific/Kiritimati"),
)
#: Of a hundred schedules so many; what fires more often makes up for it. `{m}` and so on are drawn.
_OF_A_HUNDRED = {
    "{m} * * * *": 1.5,
    "{m},30 8-17 * * 1-5": 1.5,
    "{m} {h} * * *": 24,
    "{m} 2 * * *": 8,  # where the clocks change
    "{m} {h} * * {w}": 22,
    "{m} {h} {d} * *": 16,
    "{m} {h} L * *": 8,
    "{m} {h} LW * *": 6,
    "{m} {h} {d}W * *": 4,
    "{m} {h} * * {w}#2": 5,
    "{m} {h} * * {w}L": 3,
}
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class MixedSchedule:
    """One of them; `begins_at` and `ends_at` are its first and last moment."""

    id: str
    expression: str
    zone: str
    jitter_seconds: int
    begins_at: datetime
    ends_at: datetime | None = None

    def fires(self, after: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Schedule and moment of each fire, by the mathematics alone."""
        last = until if self.ends_at is None else min(until, self.ends_at)
        for moment in Schedule(self.expression, self.zone).between(max(after, self.begins_at - _STEP), last):
            yield self.id, moment

    def values(self, catch_up: str) -> dict[str, Any]:
        """What is saved."""
        return {
            "id": self.id,
            "name": self.expression,
            "type": "Nothing",
            "isActive": True,
            "catchUp": catch_up,
            "scheduling": self.expression,
            "timeZone": self.zone,
            "jitterSeconds": self.jitter_seconds,
            "startsAt": self.begins_at,
            "endsAt": self.ends_at,
        }


def mixed_schedules(count: int, begin: datetime, span: timedelta, seed: int = 1) -> list[MixedSchedule]:
    """So many, the same ones for the same seed: one fires every five minutes, some each minute for a short while."""
    chance = random.Random(seed)
    patterns = chance.choices(list(_OF_A_HUNDRED), list(_OF_A_HUNDRED.values()), k=count - 4)
    expressions = ["*/5 * * * *", *("* * * * *" for _ in range(3)), *(_drawn(each, chance) for each in patterns)]
    made = []
    for number, expression in enumerate(expressions):
        is_frequent = expression == "* * * * *"
        begins_at = begin + span * chance.random() * 0.9 if is_frequent or chance.random() < 0.1 else begin
        ends_at = begins_at + span / 100 if is_frequent else None
        jitter_seconds = chance.choice((0, 0, 0, 90))
        zone = chance.choice(ZONES)
        made.append(MixedSchedule(f"s{number}", expression, zone, jitter_seconds, begins_at, ends_at))
    return made


def _drawn(pattern: str, chance: random.Random) -> str:
    return pattern.format(
        m=chance.randrange(60), h=chance.randrange(24), d=chance.randrange(1, 29), w=chance.randrange(7)
    )


def save(installation: Installation, schedules: list[MixedSchedule], catch_up: str = "all") -> None:
    """Save them into the empty database."""
    installation.add_job_type("Nothing", "pass", scheduledJob=True)
    with installation.application() as application:
        entity_manager = application.container.get("entityManager")
        entities = []
        for each in schedules:
            entity = entity_manager.get_entity("ScheduledJob")
            entity.set(each.values(catch_up))
            entities.append(entity)
        entity_manager.save_entities(entities)


def jobs_of_fires(application: Application, until: datetime) -> list[tuple[str, datetime]]:
    """Schedule and fire time of each job that has run or will, in order."""
    repository = application.container.get("entityManager").get_repository("Job")
    columns = ["scheduledJobId", "fireTime"]
    jobs = repository.where({"fireTime<=": until, "status!=": "Canceled"}).select(columns).iterate(10_000)
    return sorted((job.get("scheduledJobId"), job.get("fireTime")) for job in jobs)
