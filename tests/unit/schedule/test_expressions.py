"""What expressions mean, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.schedule import Schedule


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def upcoming(expression: str, after: str, count: int = 3) -> list[str]:
    return [f"{fire:%Y-%m-%d %H:%M}" for fire in Schedule(expression).upcoming(moment(after), count)]


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("0 3 * * *", [3]),
        ("0 3,1,3 * * *", [1, 3]),
        ("0 03 * * *", [3]),
        ("0 1-4 * * *", [1, 2, 3, 4]),
        ("0 1-8/3 * * *", [1, 4, 7]),
        ("0 */7 * * *", [0, 7, 14, 21]),
        ("0 5/7 * * *", [5, 12, 19]),
        ("0 23/5 * * *", [23]),
        ("0 */99 * * *", [0]),
        ("0 2-3,*/12,20 * * *", [0, 2, 3, 12, 20]),
        ("0 10-11/20 * * *", [10]),
    ],
)
def test_hours(expression: str, hours: list[int]) -> None:
    fires = Schedule(expression).between(moment("2026-03-02 23:30"), moment("2026-03-03 23:30"))

    assert [fire.hour for fire in fires] == hours


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ("5 * *", [5]),
        ("*/10 * *", [10, 20, 30]),
        ("1/10 * *", [1, 11, 21, 31]),
        ("L * *", [31]),
        ("LW * *", [31]),
        ("lw * ?", [31]),
        ("15W * *", [14]),
        ("1W * *", [3]),
        ("31W * *", [31]),
        ("1W,9W,20,L * *", [3, 10, 20, 31]),
        ("? * MON", [3, 10, 17, 24, 31]),
        ("* * mon-tue", [3, 4, 10, 11, 17, 18, 24, 25, 31]),
        ("* * 0", [2, 9, 16, 23, 30]),
        ("* * 7", [2, 9, 16, 23, 30]),
        ("* * SUN", [2, 9, 16, 23, 30]),
        ("* * 5-7/2", [2, 7, 9, 14, 16, 21, 23, 28, 30]),
        ("* * SAT-SUN", [1, 2, 8, 9, 15, 16, 22, 23, 29, 30]),
        ("* * */6", [1, 2, 8, 9, 15, 16, 22, 23, 29, 30]),
        ("* * 1#2", [10]),
        ("* * FRI#1,6#5", [7, 29]),
        ("* * 0#1,7#2", [2, 9]),
        ("* * 5L", [28]),
        ("* * FRIL,1", [3, 10, 17, 24, 28, 31]),
        ("* AUG *", list(range(1, 32))),
        ("1 aug-sep *", [1]),
        ("20 1/7 *", [20]),
    ],
)
def test_days_of_august_2026(days: str, found: list[int]) -> None:
    fires = Schedule(f"0 12 {days}").between(moment("2026-08-01"), moment("2026-08-31 23:59"))

    assert [fire.day for fire in fires] == found


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ("13 * 5", [7, 13, 14, 21, 28]),
        ("*/15 * 1", [3, 10, 15, 17, 24, 30, 31]),
        ("L * 1#1", [3, 31]),
        ("3W * 6L", [3, 29]),
        ("31 2,8 1", [3, 10, 17, 24, 31]),
    ],
)
def test_either_of_two_restricted_days_is_enough(days: str, found: list[int]) -> None:
    fires = Schedule(f"0 12 {days}").between(moment("2026-08-01"), moment("2026-08-31 23:59"))

    assert [fire.day for fire in fires] == found


@pytest.mark.parametrize("day", ["LW", "31W", "30W"])
def test_a_month_that_ends_on_a_sunday_has_its_last_working_day_on_friday(day: str) -> None:
    assert upcoming(f"0 0 {day} 5 *", "2026-01-01", 1) == ["2026-05-29 00:00"]


@pytest.mark.parametrize("day", ["LW", "31W", "29", "29-30", "? * FRI#5"])
def test_a_day_that_has_begun_counts_as_long_as_its_time_is_to_come(day: str) -> None:
    fields = day if " " in day else f"{day} 5 *"

    assert upcoming(f"17 12 {fields}", "2026-05-29 12:16", 1) == ["2026-05-29 12:17"]
    assert upcoming(f"19 12 {fields}", "2026-05-29 12:19", 1) != ["2026-05-29 12:19"]


def test_the_nearest_working_day_of_a_day_that_a_month_does_not_have_counts_from_its_end() -> None:
    assert upcoming("0 0 31W 2 *", "2026-01-01", 2) == ["2026-02-27 00:00", "2027-02-26 00:00"]


@pytest.mark.parametrize("star", ["*", "?", "*/1", "*,5"])
def test_a_star_restricts_nothing(star: str) -> None:
    assert upcoming(f"0 0 {star} * MON", "2026-08-01") == ["2026-08-03 00:00", "2026-08-10 00:00", "2026-08-17 00:00"]


def test_days_that_most_years_do_not_have() -> None:
    assert upcoming("0 0 29 2 *", "2095-01-01") == ["2096-02-29 00:00", "2104-02-29 00:00", "2108-02-29 00:00"]
    assert upcoming("0 0 * 2 1#5", "2050-01-01", 2) == ["2072-02-29 00:00", "2112-02-29 00:00"]


def test_months_without_a_day_are_left_out() -> None:
    assert upcoming("0 0 31 * *", "2026-01-31") == ["2026-03-31 00:00", "2026-05-31 00:00", "2026-07-31 00:00"]


@pytest.mark.parametrize(
    ("nickname", "expression"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@ANNUALLY", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@Weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        (" @hourly ", "0 * * * *"),
        (" 0\t*  * * * ", "0 * * * *"),
    ],
)
def test_nicknames_and_blanks(nickname: str, expression: str) -> None:
    assert upcoming(nickname, "2026-03-01 12:30") == upcoming(expression, "2026-03-01 12:30")


def test_the_next_fire_is_later_than_the_moment() -> None:
    schedule = Schedule("0 2 * * *")

    assert schedule.next_after(moment("2026-03-01 01:59:59.999999")) == moment("2026-03-01 02:00")
    assert schedule.next_after(moment("2026-03-01 02:00")) == moment("2026-03-02 02:00")


def test_moments_of_any_zone_are_taken_and_utc_comes_out() -> None:
    plus_five = timezone(timedelta(hours=5))
    after, until = (datetime(2026, 3, day, 6, tzinfo=plus_five) for day in (1, 3))  # 01:00 in UTC
    schedule = Schedule("0 2 * * *")

    assert [fire.isoformat() for fire in schedule.between(after, until)] == [
        "2026-03-01T02:00:00+00:00",
        "2026-03-02T02:00:00+00:00",
    ]
    assert schedule.latest_until(after, until) == moment("2026-03-02 02:00")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-03-01 00:00:00 has no time zone"):
        Schedule("0 2 * * *").next_after(datetime(2026, 3, 1))


def test_between_has_its_end_and_not_its_beginning() -> None:
    fires = Schedule("0 * * * *").between(moment("2026-03-01 10:00"), moment("2026-03-01 12:00"))

    assert [fire.hour for fire in fires] == [11, 12]


@pytest.mark.parametrize(
    ("after", "until", "latest"),
    [
        ("2026-03-01 10:00", "2026-03-01 10:59:59", None),
        ("2026-03-01 10:59:59.9", "2026-03-01 11:00", "2026-03-01 11:00"),
        ("2016-03-01 10:00", "2026-03-01 10:30", "2026-03-01 10:00"),
        ("2026-03-01 11:00", "2026-03-01 11:00", None),
        ("2026-03-01 12:00", "2026-03-01 11:00", None),
    ],
)
def test_the_latest_of_many(after: str, until: str, latest: str | None) -> None:
    found = Schedule("0 * * * *").latest_until(moment(after), moment(until))

    assert found == (latest and moment(latest))


def test_the_calendar_ends() -> None:
    schedule = Schedule("0 0 31 12 *", "Asia/Tokyo")

    assert schedule.next_after(moment("9990-01-01")) == moment("9990-12-30 15:00")
    assert schedule.next_after(datetime.max.replace(tzinfo=UTC)) is None
    assert len(schedule.upcoming(moment("9990-01-01"), 99)) < 10


def test_schedules_are_values() -> None:
    assert Schedule("0 2 * * *") == Schedule("0 2 * * *", "UTC") != Schedule("0 2 * * *", "Europe/Berlin")
    assert repr(Schedule("0 2 * * *")) == "Schedule(expression='0 2 * * *', zone='UTC')"
