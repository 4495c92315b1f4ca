"""What becomes of a schedule's run while another one is not over, and after failures in a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.schedules.conftest import Schedules


def two_due(schedules: Schedules, overlap: str) -> tuple[Any, Any]:
    """A schedule whose first run has started, and its second job is due; the run."""
    schedule = schedules.add(overlap=overlap)
    schedules.make_due()
    schedules.pass_time(minutes=30)
    schedules.make_due()
    (run,) = schedules.start_due()
    schedules.pass_time(hours=1)
    schedules.make_due()
    return schedule, run


def statuses(schedules: Schedules, schedule: Any) -> list[str]:
    return [job.get("status") for job in schedules.jobs(schedule)]


def stopped(schedules: Schedules) -> list[str]:
    """The names of the schedules that everybody is told of."""
    status = schedules.container.get("jobManager").status()
    named = [each.name for each in status.rows.stopped]
    assert [each for each in named if f"'{each}' (" not in " ".join(map(str, status.findings))] == []
    return named


def test_runs_may_overlap(schedules: Schedules) -> None:
    schedule, _ = two_due(schedules, "allow")

    assert len(schedules.start_due()) == 1
    assert statuses(schedules, schedule) == ["Running", "Running", "Pending"]


def test_a_run_may_be_skipped_while_another_one_is_not_over(schedules: Schedules) -> None:
    schedule, run = two_due(schedules, "skip")

    assert schedules.start_due() == []

    skipped = schedules.jobs(schedule)[1]
    assert statuses(schedules, schedule) == ["Running", "Canceled", "Pending"]
    assert skipped.get("message") == f"Skipped, as the run before (job '{run.job_id}') was not over."
    assert skipped.get("endedAt") == schedules.now


def test_after_its_end_the_next_one_is_not_skipped(schedules: Schedules) -> None:
    schedule, run = two_due(schedules, "skip")
    schedules.end(run)

    assert len(schedules.start_due()) == 1
    assert statuses(schedules, schedule) == ["Success", "Running", "Pending"]


def test_a_run_may_wait_for_the_end_of_the_other_one(schedules: Schedules) -> None:
    schedule, run = two_due(schedules, "queue")

    assert schedules.start_due() == []
    assert statuses(schedules, schedule) == ["Running", "Awaiting", "Pending"]
    schedules.make_due()
    assert schedules.start_due() == []
    schedules.end(run)
    schedules.make_due()

    assert len(schedules.start_due()) == 1
    assert statuses(schedules, schedule) == ["Success", "Running", "Pending"]


def test_those_that_wait_start_in_their_order(schedules: Schedules) -> None:
    schedule, run = two_due(schedules, "queue")
    schedules.start_due()
    schedules.pass_time(hours=1)
    schedules.make_due()
    schedules.start_due()
    assert statuses(schedules, schedule) == ["Running", "Awaiting", "Awaiting", "Pending"]

    schedules.end(run)
    schedules.make_due()
    schedules.start_due()

    assert statuses(schedules, schedule) == ["Success", "Running", "Awaiting", "Pending"]


def test_a_run_may_take_the_place_of_the_other_one(schedules: Schedules) -> None:
    schedule, run = two_due(schedules, "replace")

    assert schedules.start_due() == []

    first, second, _ = schedules.jobs(schedule)
    assert (first.get("status"), first.get("message")) == ("Canceled", f"Replaced by the next run (job '{second.id}').")
    assert first.get("endedAt") is None  # its process is there yet
    schedules.make_due()
    assert schedules.start_due() == []
    schedules.end(run, is_success=False)
    schedules.make_due()
    assert len(schedules.start_due()) == 1
    assert statuses(schedules, schedule) == ["Canceled", "Running", "Pending"]


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_of_several_that_are_due_at_once_one_starts(schedules: Schedules, overlap: str) -> None:
    schedule = schedules.add(overlap=overlap, catchUp="all")
    schedules.make_due()
    schedules.pass_time(hours=3)
    schedules.make_due()

    for _ in range(3):
        for run in schedules.start_due():
            assert statuses(schedules, schedule).count("Running") == 1
            schedules.end(run)
        schedules.make_due()

    ends = {
        "skip": ["Success", "Canceled", "Canceled"],
        "queue": ["Success"] * 3,
        "replace": ["Canceled", "Canceled", "Success"],
    }
    assert statuses(schedules, schedule)[:3] == ends[overlap]


def test_what_a_run_fans_out_is_no_run_of_the_schedule(schedules: Schedules) -> None:
    schedule = schedules.add(overlap="skip")
    child = schedules.entities.get_entity("Job")
    child.set({"name": "part", "type": "Part", "scheduledJobId": schedule.id})
    schedules.entities.save_entity(child)
    schedules.start_due()
    schedules.make_due()
    schedules.pass_time(minutes=31)

    assert len(schedules.start_due()) == 1


def test_a_run_that_a_person_started_is_one_of_the_schedule_and_starts_at_once(schedules: Schedules) -> None:
    schedule, _ = two_due(schedules, "skip")
    service = schedules.container.get("serviceFactory").create("ScheduledJob")
    by_hand = service.execute_now(schedule.id)

    runs = schedules.start_due()

    assert [run.job_id for run in runs] == [by_hand.id]


def test_no_more_than_a_hundred_wait_for_their_turn(schedules: Schedules) -> None:
    schedule = schedules.add("* * * * *", overlap="queue")
    schedules.make_due()
    schedules.pass_time(minutes=1)
    for _ in range(105):
        schedules.make_due()
        schedules.start_due()
        schedules.pass_time(minutes=1)

    found = statuses(schedules, schedule)
    assert (found.count("Running"), found.count("Awaiting"), found.count("Canceled")) == (1, 100, 4)
    assert "they take longer" in schedules.jobs(schedule)[-2].get("message")


def test_when_it_ran_last_is_written(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()
    schedules.pass_time(minutes=33)

    schedules.start_due()

    assert schedules.read(schedule).get("lastRun") == schedules.now


def fail(schedules: Schedules, times: int, *, is_success: bool = False) -> None:
    for _ in range(times):
        schedules.make_due()
        schedules.pass_time(hours=1)
        for run in schedules.start_due():
            schedules.end(run, is_success=is_success)
    schedules.make_due()


def test_after_failures_in_a_row_a_schedule_is_switched_off_and_says_so(
    schedules: Schedules, caplog: pytest.LogCaptureFixture
) -> None:
    schedule = schedules.add(maxFailures=3)

    fail(schedules, 2)
    fail(schedules, 1, is_success=True)
    fail(schedules, 2)
    assert schedules.read(schedule).get("isActive") is True
    fail(schedules, 1)

    message = "Switched off, as it failed 3 times in a row (maxFailures). The logs of its jobs say why."
    assert (schedules.read(schedule).get("isActive"), schedules.read(schedule).get("message")) == (False, message)
    assert statuses(schedules, schedule) == ["Failed", "Failed", "Success", "Failed", "Failed", "Failed"]
    assert f"ScheduledJob '{schedule.id}' (tick): {message}" in caplog.messages
    assert stopped(schedules) == ["tick"]


def test_nobody_is_told_of_a_stopped_schedule_that_has_no_limit_more(schedules: Schedules) -> None:
    schedule = schedules.add(maxFailures=1)
    fail(schedules, 1)
    assert stopped(schedules) == ["tick"]

    schedules.change(schedule, maxFailures=None)

    assert stopped(schedules) == []


def test_when_it_is_switched_on_again_failures_count_anew(schedules: Schedules) -> None:
    schedule = schedules.add(maxFailures=2)
    fail(schedules, 2)

    schedules.change(schedule, isActive=True)
    assert schedules.read(schedule).get("message") is None
    fail(schedules, 1)
    assert schedules.read(schedule).get("isActive") is True
    fail(schedules, 1)

    assert schedules.read(schedule).get("isActive") is False


def test_a_failure_that_is_tried_again_is_none_yet(schedules: Schedules) -> None:
    schedule = schedules.add(type="Import", maxFailures=1)
    schedules.make_due()
    schedules.pass_time(hours=1)

    for attempt in range(3):
        assert schedules.read(schedule).get("isActive") is True, attempt
        (run,) = [run for run in schedules.start_due() if run.attempt == attempt + 1]
        schedules.end(run, is_success=False)

    assert schedules.read(schedule).get("isActive") is False
    assert schedules.jobs(schedule)[-1].get("executeTime") < schedules.now + timedelta(hours=1)
