"""The only file that reads the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo


def now() -> datetime:
    """The present moment, aware, in UTC, with microseconds."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that nobody can set; the same for all processes of one boot (`CLOCK_MONOTONIC`)."""
    return time.monotonic()


def since_boot() -> float:
    """Seconds since the machine was started, its sleep included: what proc(5) counts a process's beginning in."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def to_iso(moment: datetime) -> str:
    """ISO 8601 in UTC with a `Z`, as the console and the API print it: `2026-11-23T10:20:30.123456Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_local(moment: datetime, zone_name: str) -> str:
    """The moment as clocks in the zone show it: `2026-11-23T11:20:30+01:00`."""
    return moment.astimezone(zone(zone_name)).isoformat()


def local_and_utc(moments: Sequence[datetime], zone_name: str) -> list[dict[str, str]]:
    """The moments for JSON: `local`, as clocks in the zone show them, and `utc`."""
    return [{"local": to_local(each, zone_name), "utc": to_iso(each)} for each in moments]


def from_text(text: str) -> datetime:
    """A moment from AtroCore's `2026-11-23 10:20:30` or any ISO 8601 form; without a zone it is UTC.

    Raises ValueError where the text is no moment.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def zone(name: str) -> tzinfo:
    """The time zone of a name such as Europe/Berlin; raises ValueError for what is none."""
    if name == "UTC":  # is known on machines that have no data of zones
        return UTC
    from zoneinfo import ZoneInfo  # takes 2 ms to load, and most commands need no zone

    try:
        return ZoneInfo(name)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError("is not known; Europe/Berlin and UTC are some") from error


def wait_until(condition: Callable[[], bool], seconds: float, *, every_seconds: float = 0.02) -> bool:
    """Poll until the condition holds; False if it does not within `seconds`."""
    deadline = monotonic() + seconds
    while not condition():
        if monotonic() >= deadline:
            return False
        time.sleep(every_seconds)
    return True
