"""Time zones by name."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache

from core import clock
from core.exceptions import InvalidSchedule

#: Files of a machine: its own zone, and other ways to count seconds.
_NO_NAMES = ("localtime", "posixrules", "posix/", "right/")


@lru_cache(maxsize=1024)
def find_zone(name: str) -> tzinfo:
    """The zone of a name in the IANA database; raises InvalidSchedule with the near names."""
    try:
        if not name.startswith(_NO_NAMES):
            return clock.zone(name)
    except ValueError:
        pass
    raise InvalidSchedule(f"The time zone '{name}' is not known; {_near(name) or 'Europe/Berlin and UTC are some.'}")


def _near(name: str) -> str:
    """A sentence with the names that may be meant: those alike, and those of a place of that name."""
    from difflib import get_close_matches  # takes 2 ms to load, and is needed only where something went wrong
    from zoneinfo import available_timezones

    names: dict[str, list[str]] = {}
    for zone in sorted(available_timezones()):
        for key in (zone.casefold(), zone.rpartition("/")[2].casefold()):
            names.setdefault(key, []).append(zone)
    near = [zone for key in get_close_matches(name.casefold(), names, n=3, cutoff=0.75) for zone in names[key]]
    return f"did you mean {' or '.join(dict.fromkeys(near[:3]))}?" if near else ""
