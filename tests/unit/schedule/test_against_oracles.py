"""Next times against plain answers: day by day, minute by minute, and those of cronsim where it has the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.exceptions import InvalidSchedule
from core.schedule import Schedule
from tests.unit.schedule import oracle
from tests.unit.schedule.oracle import DAY, MINUTE, Made, Piece

SHORT = settings(max_examples=100, derandomize=True, deadline=None, database=None)
LONG = settings(
    max_examples=5000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

#: Each kind of change: an hour, half an hour, two hours, at midnight, backwards, a month of fasting, a day left out.
ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Beirut", "Europe/Dublin"),
    *("Africa/Casablanca", "Pacific/Apia", "Asia/Pyongyang", "America/Caracas", "Pacific/Chatham", "Asia/Kathmandu"),
)


@cache
def changes() -> Sequence[tuple[str, datetime]]:
    start, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    return [(name, moment) for name in ZONES for moment, _ in oracle.changes(ZoneInfo(name), start, end)]


def check_days(made: Made, moment: datetime) -> None:
    """The first day is the first that is met; eight years have a leap day, and be it around 2100."""
    tomorrow = moment.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    ahead = (tomorrow + number * DAY for number in range(3000))
    expected = next((day for day in ahead if made.is_met_by_day(day)), None)
    try:
        found = Schedule(made.text).next_after(moment)
    except InvalidSchedule:
        found = None  # never comes

    assert found == expected or (expected is None and found and found > tomorrow + 2999 * DAY)


@SHORT
@given(oracle.dates, oracle.moments)
def test_days_are_those_that_meet_the_expression(made: Made, moment: datetime) -> None:
    check_days(made, moment)


@pytest.mark.proof
@LONG
@given(oracle.dates, oracle.moments)
def test_many_days(made: Made, moment: datetime) -> None:
    check_days(made, moment)


around_changes = st.tuples(st.deferred(lambda: st.sampled_from(changes())), st.integers(-30_000, 30_000))


def check_minutes(made: Made, change: tuple[str, datetime], seconds: int, minutes: int) -> None:
    name, moment = change
    after = moment + timedelta(seconds=seconds)
    until = after + minutes * MINUTE
    shown = oracle.walls(ZoneInfo(name), after.replace(second=0) - 6 * oracle.HOUR, until)

    expected = [minute for minute in oracle.fires(made, shown) if minute > after]

    assert list(Schedule(made.text, name).between(after, until)) == expected


@SHORT
@given(oracle.times, around_changes, st.integers(0, 700))
def test_times_around_changes_of_clocks(made: Made, change: tuple[tuple[str, datetime], int], minutes: int) -> None:
    check_minutes(made, *change, minutes)


@pytest.mark.proof
@LONG
@given(oracle.times, around_changes, st.integers(0, 700))
def test_many_times_around_changes(made: Made, change: tuple[tuple[str, datetime], int], minutes: int) -> None:
    check_minutes(made, *change, minutes)


def cronsims_field(first: int, last: int, *more: st.SearchStrategy[Piece]) -> st.SearchStrategy[tuple[Piece, ...]]:
    """What means the same in both: cronsim's */n begins with the first value, ours with the first multiple."""
    return oracle.several(oracle.plain(first, last), *more) | oracle.alone(oracle.star(first, last))


weekdays_or_star = cronsims_field(0, 6, oracle.special_weekdays)
cronsims_days = cronsims_field(1, 28, st.just(Piece("L")), st.just(Piece("LW")))  # it has no L-3, 15W and ?
cronsims = st.builds(
    lambda *fields: Made(tuple(fields)),
    cronsims_field(0, 59, oracle.multiples(0, 59)),
    cronsims_field(0, 23, oracle.multiples(0, 23)),
    *(cronsims_days, cronsims_field(1, 12), weekdays_or_star),
).filter(lambda made: made.is_pattern == any(field[0].text.startswith("*") for field in made.fields[:2]))

#: cronsim takes the beginning of a day for granted, which is not where clocks are put forward at midnight.
cronsims_zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata"])


def check_cronsim(made: Made, zone: str, moment: datetime) -> None:
    simulated = CronSim(made.text.upper(), moment.astimezone(ZoneInfo(zone)))
    # What it finds for a start in the second pass of a repeated hour may have been in the first one.
    expected = [each for each in (next(simulated).astimezone(UTC) for _ in range(8)) if each > moment][:5]

    assert Schedule(made.text, zone).upcoming(moment, len(expected)) == expected


@SHORT
@given(cronsims, cronsims_zones, oracle.moments)
def test_cronsim_has_the_same_times(made: Made, zone: str, moment: datetime) -> None:
    check_cronsim(made, zone, moment)


@pytest.mark.proof
@LONG
@given(cronsims, cronsims_zones, oracle.moments)
def test_cronsim_has_the_same_times_in_many_cases(made: Made, zone: str, moment: datetime) -> None:
    check_cronsim(made, zone, moment)


@SHORT
@given(st.one_of(oracle.dates, oracle.times), st.sampled_from(ZONES), oracle.moments)
def test_each_fire_follows_the_former_whenever_one_asks(made: Made, zone: str, moment: datetime) -> None:
    try:
        schedule = Schedule(made.text, zone)
    except InvalidSchedule:
        return  # never comes
    first, second = schedule.upcoming(moment, 2)

    assert moment < first < second
    between = first + (second - first) // 2
    for asked, answer in ((moment, first), (first - timedelta(microseconds=1), first), (first, second)):
        assert schedule.next_after(asked) == Schedule(made.text, zone).next_after(asked) == answer
    assert schedule.next_after(between) == second


@SHORT
@given(oracle.times, around_changes, st.integers(0, 3000))
def test_the_latest_is_the_last_of_all_between(
    made: Made, change: tuple[tuple[str, datetime], int], minutes: int
) -> None:
    (name, moment), seconds = change
    after = moment + timedelta(seconds=seconds)
    until = after + minutes * MINUTE
    schedule = Schedule(made.text, name)

    assert schedule.latest_until(after, until) == next(reversed(list(schedule.between(after, until))), None)
