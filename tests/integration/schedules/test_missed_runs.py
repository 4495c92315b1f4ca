"""What becomes of fire times that nobody was there for, and of clocks that were wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.schedules.conftest import Schedules


def missed(schedules: Schedules, scheduling: str, **values: Any) -> Any:
    """A schedule during whose life nobody made schedules due for five hours."""
    schedule = schedules.add(scheduling, **values)
    schedules.make_due()
    schedules.pass_time(hours=5)
    schedules.restart()
    schedules.make_due()
    return schedule


def test_of_missed_runs_the_one_that_waits_makes_up_for_all(schedules: Schedules) -> None:
    schedule = missed(schedules, "0 * * * *")

    assert schedules.fires(schedule) == [("03-02 09:00", "Pending"), ("03-02 14:00", "Pending")]


def test_missed_runs_may_be_left_out(schedules: Schedules) -> None:
    schedule = missed(schedules, "0 * * * *", catchUp="none")

    assert schedules.fires(schedule) == [("03-02 09:00", "Canceled"), ("03-02 14:00", "Pending")]
    assert schedules.jobs(schedule)[0].get("message").startswith("Missed: ")


def test_a_run_that_is_some_seconds_late_was_not_missed(schedules: Schedules) -> None:
    schedule = schedules.add("* * * * *", catchUp="none")
    schedules.make_due()
    schedules.pass_time(minutes=5, seconds=20)

    schedules.make_due()

    assert schedules.fires(schedule) == [
        ("03-02 08:31", "Canceled"),
        ("03-02 08:35", "Pending"),
        ("03-02 08:36", "Pending"),
    ]


def test_all_missed_runs_may_be_made_up_for(schedules: Schedules) -> None:
    schedule = missed(schedules, "0 * * * *", catchUp="all")

    assert [fire for fire, _ in schedules.fires(schedule)] == [f"03-02 {hour:02}:00" for hour in range(9, 15)]


def test_no_more_than_a_hundred_are_made_up_for(schedules: Schedules) -> None:
    schedule = missed(schedules, "* * * * *", catchUp="all")

    fires = [fire for fire, _ in schedules.fires(schedule)]
    assert (len(fires), fires[0], fires[1], fires[-1]) == (102, "03-02 08:31", "03-02 11:51", "03-02 13:31")


def test_a_schedule_that_was_made_while_nobody_looked_runs_late(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.pass_time(hours=5)

    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 09:00", "Pending"), ("03-02 14:00", "Pending")]


@pytest.mark.parametrize("restarted", [True, False])
def test_a_clock_that_was_years_ahead_for_a_moment_leaves_no_schedule_dead(
    schedules: Schedules, restarted: bool
) -> None:
    schedule = schedules.add()
    schedules.make_due()
    right = schedules.now
    schedules.now = datetime(2038, 1, 19, 3, 14, 7, tzinfo=right.tzinfo)
    schedules.make_due()

    schedules.now = right
    if restarted:
        schedules.restart()
    schedules.pass_time(minutes=31)
    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 09:00", "Pending"), ("03-02 10:00", "Pending")]


def test_a_clock_that_is_set_back_repeats_nothing(schedules: Schedules) -> None:
    schedule = schedules.add("*/10 * * * *")
    for _ in range(6):
        schedules.make_due()
        schedules.pass_time(minutes=10)

    schedules.now -= timedelta(minutes=45)
    for _ in range(6):
        schedules.make_due()
        schedules.pass_time(minutes=10)

    fires = [fire for fire, _ in schedules.fires(schedule)]
    assert fires == [f"03-02 {8 + (30 + 10 * n) // 60:02}:{(30 + 10 * n) % 60:02}" for n in range(1, 8)]
