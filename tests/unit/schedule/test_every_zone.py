"""Every zone of the tz database at each of its changes of clocks, from 2000 to 2040."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from core.schedule import Schedule
from tests.unit.schedule import oracle
from tests.unit.schedule.oracle import HOUR, Made, Piece

START, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)

#: An hour, half an hour, at midnight, a day left out, a month of fasting, two hours, once and for all.
SAMPLE = (
    *("Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia", "Africa/Casablanca", "Antarctica/Troll"),
    "America/Caracas",
)


def all_zones() -> list[str]:
    """Each zone under one of its names: those that are the same have the same file."""
    names = sorted((files("tzdata") / "zones").read_text().split())
    by_rules = {(files("tzdata") / "zoneinfo").joinpath(*name.split("/")).read_bytes(): name for name in names}
    return sorted(by_rules.values())


ALL_ZONES = all_zones()
CHUNKS = 16


def every(text: str, first: int, last: int) -> Piece:
    step = int(text[2:] or "1")
    return Piece(text, frozenset(value for value in range(first, last + 1) if value % step == 0))


def numbers(text: str, *values: int) -> Piece:
    return Piece(text, frozenset(values))


def at(minute: Piece, hour: Piece, day: Piece | None = None) -> Made:
    return Made(((minute,), (hour,), (day or every("*", 1, 31),), (every("*", 1, 12),), (every("*", 0, 6),)))


LAST_DAYS = numbers("24-31", *range(24, 32))
EXPRESSIONS = (
    at(every("*/30", 0, 59), every("*", 0, 23)),
    at(every("*/20", 0, 59), numbers("0-3", 0, 1, 2, 3)),
    at(numbers("15", 15), every("*/2", 0, 23)),
    at(numbers("0", 0), numbers("0-23", *range(24))),
    at(numbers("0", 0), numbers("0", 0)),
    at(numbers("30", 30), numbers("2", 2)),
    at(numbers("0-59/10", *range(0, 60, 10)), numbers("0-3", 0, 1, 2, 3)),
    at(numbers("59", 59), numbers("1-23", *range(1, 24)), LAST_DAYS),
)


def faults(zone_names: Iterable[str], start: datetime = START, end: datetime = END) -> Iterator[str]:
    """Each expression at each change where `between` and the plain answer differ."""
    for name in zone_names:
        zone = ZoneInfo(name)
        for moment, by in oracle.changes(zone, start, end):
            around = abs(by) + 3 * HOUR
            after, until = moment - around, moment + around
            # What was shown before a repeated hour has to be known.
            shown = oracle.walls(zone, after - abs(by), until)
            for made in EXPRESSIONS:
                expected = [minute for minute in oracle.fires(made, shown) if minute > after]
                if list(Schedule(made.text, name).between(after, until)) != expected:
                    yield f"{made} in {name} at {moment}"


def test_a_sample_of_zones_at_each_change() -> None:
    assert list(faults(SAMPLE, start=datetime(2007, 1, 1, tzinfo=UTC), end=datetime(2021, 1, 1, tzinfo=UTC))) == []


@pytest.mark.proof
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_all_zones_at_each_change(chunk: int) -> None:
    assert list(faults(ALL_ZONES[chunk::CHUNKS])) == []


@pytest.mark.proof
def test_no_zone_sets_its_clocks_twice_within_six_days() -> None:
    """Changes are looked for every four days."""
    near = [
        (name, earlier)
        for name in ALL_ZONES
        for (earlier, _), (later, _) in pairwise(oracle.changes(ZoneInfo(name), START, END))
        if later - earlier < timedelta(days=6)
    ]

    assert near == []
