"""What becomes of times of day that the clocks skip, or show twice."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.schedule import Schedule


def fires(expression: str, zone: str, day: str, until: str) -> list[str]:
    """What the clocks show at each fire of the days, as HH:MM and the distance from UTC."""
    start, end = (datetime.fromisoformat(f"{text} 00:00").replace(tzinfo=ZoneInfo(zone)) for text in (day, until))
    found = Schedule(expression, zone).between(start.astimezone(UTC), end.astimezone(UTC))
    return [f"{fire.astimezone(ZoneInfo(zone)):%d %H:%M %z}"[:12] for fire in found]


SPRING = ("Europe/Berlin", "2026-03-28", "2026-03-31")
AUTUMN = ("Europe/Berlin", "2026-10-24", "2026-10-27")


def test_a_fixed_time_in_the_gap_runs_once_at_the_first_moment_that_exists() -> None:
    assert fires("30 2 * * *", *SPRING) == ["28 02:30 +01", "29 03:00 +02", "30 02:30 +02"]


def test_a_fixed_time_in_the_repeated_hour_runs_the_first_time() -> None:
    assert fires("30 2 * * *", *AUTUMN) == ["24 02:30 +02", "25 02:30 +02", "26 02:30 +01"]


def test_several_fixed_times_of_one_gap_become_one() -> None:
    assert fires("0,20,40 2 29 3 *", *SPRING) == ["29 03:00 +02"]
    assert fires("0,30 2,3 29 3 *", *SPRING) == ["29 03:00 +02", "29 03:30 +02"]


def test_a_pattern_follows_real_time() -> None:
    assert fires("*/30 1-3 29 3 *", *SPRING) == ["29 01:00 +01", "29 01:30 +01", "29 03:00 +02", "29 03:30 +02"]
    assert fires("*/30 2 25 10 *", *AUTUMN) == ["25 02:00 +02", "25 02:30 +02", "25 02:00 +01", "25 02:30 +01"]
    assert fires("0 */2 29 3 *", *SPRING)[:3] == ["29 00:00 +01", "29 04:00 +02", "29 06:00 +02"]


@pytest.mark.parametrize("hours", ["*", "0-23", "0-11,12/1", "*/1"])
def test_all_hours_are_a_pattern_however_they_are_written(hours: str) -> None:
    assert len(fires(f"15 {hours} 25 10 *", *AUTUMN)) == 25
    assert len(fires(f"15 {hours} 29 3 *", *SPRING)) == 23


def test_half_an_hour_on_lord_howe() -> None:
    spring, autumn = ("2026-10-04", "2026-10-05"), ("2026-04-05", "2026-04-06")

    assert fires("15 2 * * *", "Australia/Lord_Howe", *spring) == ["04 02:30 +11"]
    assert fires("45 1 * * *", "Australia/Lord_Howe", *autumn) == ["05 01:45 +11"]
    assert fires("*/15 1 * * *", "Australia/Lord_Howe", *autumn)[2:] == [
        *("05 01:30 +11", "05 01:45 +11", "05 01:30 +10", "05 01:45 +10")
    ]


def test_a_midnight_that_does_not_exist() -> None:
    assert fires("0 0 * * *", "Asia/Beirut", "2026-03-28", "2026-03-31") == [
        "29 01:00 +03",
        "30 00:00 +03",
        "31 00:00 +03",
    ]


def test_a_day_that_samoa_left_out() -> None:
    days = ("Pacific/Apia", "2011-12-29", "2012-01-01")

    assert fires("30 2 * * *", *days) == ["29 02:30 -10", "31 00:00 +14", "31 02:30 +14"]
    assert fires("30 2 30 12 *", *days) == ["31 00:00 +14"]
    assert fires("0 */12 * * *", *days) == ["29 12:00 -10", "31 00:00 +14", "31 12:00 +14", "01 00:00 +14"]


def test_hours_before_and_after_the_repeated_one_run_once() -> None:
    assert fires("0 1,2,3 25 10 *", *AUTUMN) == ["25 01:00 +02", "25 02:00 +02", "25 03:00 +01"]


def test_in_the_second_pass_of_the_repeated_hour_a_fixed_time_is_over() -> None:
    second_pass = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert Schedule("30 2 * * *", "Europe/Berlin").next_after(second_pass) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_at_the_very_moment_of_the_change_the_fire_is_over() -> None:
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    schedule = Schedule("30 2 * * *", "Europe/Berlin")

    assert schedule.upcoming(change, 1) == [datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]
    assert schedule.upcoming(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), 1) == [change]
