"""What may surprise the people who wrote an expression."""

from __future__ import annotations

from datetime import datetime

import pytest

from core import clock
from core.schedule import Schedule
from core.schedule.notes import notes_of
from core.schedule.wall_times import wall_times_of
from core.schedule.zone_clock import zone_clock_of

EITHER = "day-of-month and day-of-week are both restricted: a day that meets one of them is enough."


@pytest.mark.parametrize(
    ("expression", "notes"),
    [
        ("0 2 * * *", []),
        ("*/15 */6 * * *", []),
        ("0 0 1 */3 *", ["*/3 in month means the multiples of 3 in each year: 3, 6, 9 and 12."]),
        ("0 0 */10 * *", ["*/10 in day-of-month means the multiples of 10 in each month: 10, 20 and 30."]),
        ("0 0 * * */3", ["*/3 in day-of-week means the multiples of 3 in each week: Sunday, Wednesday and Saturday."]),
        ("*/90 * * * *", ["*/90 in minute is minute 0 only: the count begins anew each hour."]),
        ("0 */24 * * *", ["*/24 in hour is hour 0 only: the count begins anew each day."]),
        ("0 0 */20 * *", ["*/20 in day-of-month is day 20 only: the count begins anew each month."]),
        ("0 0 * * */7", ["*/7 in day-of-week is Sunday only: the count begins anew each week."]),
        ("*/25 * * * *", ["*/25 in minute begins anew each hour: 0, 25 and 50, then 0 after 10 minutes."]),
        ("0 */9 * * *", ["*/9 in hour begins anew each day: 0, 9 and 18, then 0 after 6 hours."]),
        ("0 0 13 * 5", [EITHER]),
        ("0 0 1-31 * 5", [f"{EITHER} day-of-month '1-31' is every day, so that this is every day."]),
        ("0 0 13 * ?", []),
        (
            "0 0 31 * *",
            [
                "There is no day 31 in February, April, June, September and November.",
                "L is the last day of every month.",
            ],
        ),
        ("0 0 31 1,3 *", []),
        ("0 0 30 * *", ["There is no day 30 in February."]),
        ("0 0 29 2 *", ["February has a day 29 in leap years only."]),
        ("0 0 31W * *", ["31W counts from the last day in months that have no day 31."]),
        ("0 0 * * 1#5", ["Months in which Monday comes four times only are left out."]),
    ],
)
def test_of_an_expression(expression: str, notes: list[str]) -> None:
    assert Schedule(expression).notes == notes


def changes(expression: str, zone: str, now: str) -> list[str]:
    """The notes of an expression about the changes of clocks after a moment."""
    return notes_of(wall_times_of(expression), zone, zone_clock_of(clock.zone(zone)), datetime.fromisoformat(now))


SPRING = "Clocks in Europe/Berlin go from 2026-03-29 02:00 to 03:00: what is due between"
AUTUMN = "Clocks in Europe/Berlin go back from 2026-10-25 03:00 to 02:00: what is due between"


@pytest.mark.parametrize(
    ("expression", "notes"),
    [
        ("30 2 * * *", [f"{SPRING} runs once, at 03:00.", f"{AUTUMN} runs the first time only."]),
        ("*/30 2 * * *", [f"{SPRING} does not run.", f"{AUTUMN} runs twice."]),
        ("0 */2 * * *", [f"{SPRING} does not run.", f"{AUTUMN} runs twice."]),
        ("30 3 * * *", []),
        ("30 2 1 * *", []),
        ("30 2 25 * *", [SPRING.replace("2026-03-29", "2029-03-25") + " runs once, at 03:00."]),
        ("*/5 * * * *", []),
        ("@hourly", []),
    ],
)
def test_of_the_next_changes_that_matter(expression: str, notes: list[str]) -> None:
    found = changes(expression, "Europe/Berlin", "2026-01-01")

    assert found[: len(notes) or None] == notes


def test_of_a_day_that_is_left_out() -> None:
    assert changes("30 2 * * *", "Pacific/Apia", "2011-12-01")[0] == (
        "Clocks in Pacific/Apia go from 2011-12-30 00:00 to 2011-12-31 00:00: what is due between runs once, at 00:00."
    )


def test_zones_without_changes_have_none() -> None:
    assert changes("30 2 * * *", "Asia/Kolkata", "2026-01-01") == []
