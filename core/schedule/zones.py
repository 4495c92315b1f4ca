"""Time zones by name."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache

from core import clock
from core.exceptions import InvalidSchedule
from core.sentence import Sentence, verbatim

#: Files of a machine: its own zone, and other ways to count seconds.
_NO_NAMES = ("localtime", "posixrules", "posix/", "right/")


def find_zone(name: str) -> tzinfo:
    """The zone of a name in the IANA database; raises InvalidSchedule with the near names."""
    if faults := zone_faults(name):
        raise InvalidSchedule(faults[0], field="timeZone")
    return clock.zone(name)


@lru_cache(maxsize=1)
def zone_names() -> list[str]:
    """The names of all zones that a schedule may have."""
    from zoneinfo import available_timezones  # reads a folder of the machine, and only who chooses a zone needs it

    return sorted(name for name in available_timezones() if not name.startswith(_NO_NAMES))


def zone_faults(name: object) -> list[Sentence]:
    """What is wrong with the name of a zone, as a sentence; nothing where there is such a zone."""
    if isinstance(name, str) and _is_known(name):
        return []
    near = _near(name) if isinstance(name, str) else None
    hint = near or Sentence("Europe/Berlin and UTC are some.")
    return [Sentence("The time zone '{name}' is not known. {hint}", name=name, hint=hint)]


@lru_cache(maxsize=1024)
def _is_known(name: str) -> bool:
    try:
        clock.zone(name)
    except ValueError:
        return False
    return not name.startswith(_NO_NAMES)


def _near(name: str) -> Sentence | None:
    """A sentence with the names that may be meant: those alike, and those of a place of that name."""
    from difflib import get_close_matches  # takes 2 ms to load, and is needed only where something went wrong
    from zoneinfo import available_timezones

    names: dict[str, list[str]] = {}
    for zone in sorted(available_timezones() - {*_NO_NAMES}):
        for key in (zone.casefold(), zone.rpartition("/")[2].casefold()):
            names.setdefault(key, []).append(zone)
    near = [zone for key in get_close_matches(name.casefold(), names, n=3, cutoff=0.75) for zone in names[key]]
    if not near:
        return None
    return Sentence("Did you mean {names}?", names=_either_of(list(dict.fromkeys(near[:3]))))


def _either_of(names: list[str]) -> Sentence:
    first, *others = names
    if not others:
        return verbatim(first)
    return Sentence("{first} or {others}", first=first, others=_either_of(others))
