"""Which jobs a list shows: what stands in its address, and what that means to the service of jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from core.job_queue.job_search import Wanted
from core.job_queue.states import STATUSES

_LONGEST = 150


@dataclass(frozen=True)
class JobFilter:
    """An empty text stands for no condition; `since` and `until` are days, both included."""

    status: str = ""
    type: str = ""
    name: str = ""
    since: str = ""
    until: str = ""
    schedule: str = ""
    owner: str = ""

    @classmethod
    def read(cls, query: QueryParams | Mapping[str, str]) -> Self:
        """What an address says; what cannot be is left out."""
        given = {name: str(query.get(name, "")).strip()[:_LONGEST] for name in cls.__dataclass_fields__}
        if given["status"] not in STATUSES:
            given["status"] = ""
        for name in ("since", "until"):
            if not is_day(given[name]):
                given[name] = ""
        return cls(**given)

    @property
    def is_empty(self) -> bool:
        """Whether all jobs are meant."""
        return self == type(self)()

    def address(self, **changes: str) -> str:
        """`/Job?status=Failed`, with some of it changed."""
        changed = replace(self, **{name: value for name, value in changes.items() if name != "after"})
        words = {name: value for name, value in changed.__dict__.items() if value}
        if changes.get("after"):
            words["after"] = changes["after"]
        return f"/Job?{urlencode(words)}" if words else "/Job"

    def where(self) -> list[dict[str, Any]]:
        """The conditions in the words of the API."""
        conditions: list[dict[str, Any]] = [
            {"type": "equals", "attribute": attribute, "value": value}
            for attribute, value in (
                ("status", self.status),
                ("type", self.type),
                ("scheduledJobId", self.schedule),
                ("ownerUserId", self.owner),
            )
            if value
        ]
        if self.name:
            conditions.append({"type": "contains", "attribute": "name", "value": self.name})
        if self.since or self.until:
            conditions.append(between_days("executeTime", self.since, self.until))
        return conditions

    @property
    def is_searched(self) -> bool:
        """Whether rows have to be looked at one by one, as no index has what is asked for."""
        by_time = self.status or self.schedule or self.since or self.until
        return bool(
            self.name or self.owner or (self.type and by_time) or ((self.since or self.until) and not self.status)
        )

    def wanted(self, zone: tzinfo) -> Wanted:
        """What to look for; days are those of the zone."""
        return Wanted(
            status=self.status or None,
            schedule_id=self.schedule or None,
            type=self.type or None,
            name=self.name or None,
            owner_id=self.owner or None,
            since=_midnight(self.since, zone),
            before=_midnight(self.until, zone, days=1),
        )

    def sort_by(self) -> str:
        """An order that an index has: of a status or a schedule the time, of all the order in which they were made."""
        return "executeTime" if self.status or self.schedule else "id"


def _midnight(day: str, zone: tzinfo, days: int = 0) -> datetime | None:
    if not day:
        return None
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), zone).astimezone(UTC)


def between_days(attribute: str, since: str, until: str) -> dict[str, Any]:
    """The condition that something is on one of these days, both included; an empty one is no bound."""
    return {"type": "between", "attribute": attribute, "value": [since or "1970-01-01", until or "9998-12-31"]}


def is_day(text: str) -> bool:
    """Whether it is a day such as `2026-11-26` that databases can compare with."""
    try:
        return 1970 <= date.fromisoformat(text).year <= 9000
    except ValueError:
        return False
