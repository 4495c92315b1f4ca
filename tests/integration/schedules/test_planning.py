"""Which jobs stand in the queue for a schedule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.schedules.conftest import START, Schedules


def test_the_next_job_waits_in_the_queue(schedules: Schedules) -> None:
    schedule = schedules.add("0 9 * * *", payload={"a": 1}, priority=70)

    schedules.make_due()

    (job,) = schedules.jobs(schedule)
    nine = START.replace(hour=9, minute=0)
    assert {
        name: job.get(name) for name in ("name", "type", "status", "payload", "priority", "executeTime", "fireTime")
    } == {
        "name": "tick",
        "type": "Tick",
        "status": "Pending",
        "payload": {"a": 1},
        "priority": 70,
        "executeTime": nine,
        "fireTime": nine,
    }
    assert schedules.read(schedule).get("nextFireTime") == nine


def test_a_job_has_what_its_type_says(schedules: Schedules) -> None:
    schedule = schedules.add(type="Import", payload={"source": "file"})

    schedules.make_due()

    (job,) = schedules.jobs(schedule)
    assert (job.get("priority"), job.get("attemptLimit"), job.get("ownerUserId")) == (70, 3, "system")


def test_at_its_time_the_one_after_it_is_made(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()
    schedules.pass_time(minutes=30)

    schedules.make_due()
    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 09:00", "Pending"), ("03-02 10:00", "Pending")]


def test_an_inactive_schedule_makes_no_job(schedules: Schedules) -> None:
    schedule = schedules.add(isActive=False)

    schedules.make_due()

    assert schedules.jobs(schedule) == []


def test_a_schedule_fires_in_its_own_zone_else_in_that_of_the_configuration(schedules: Schedules) -> None:
    schedules.installation.write_config(timeZone="Asia/Tokyo")
    schedules.container.get("config").reload_if_changed()
    own = schedules.add("0 12 * * *", timeZone="Europe/Berlin")
    common = schedules.add("0 12 * * *")

    schedules.make_due()

    assert schedules.fires(own) == [("03-02 11:00", "Pending")]
    assert schedules.fires(common) == [("03-03 03:00", "Pending")]


@pytest.mark.parametrize("no_zone", [None, ""])
def test_another_zone_in_the_configuration_moves_the_waiting_job(schedules: Schedules, no_zone: str | None) -> None:
    schedule = schedules.add("0 12 * * *", timeZone=no_zone)
    schedules.make_due()
    schedules.installation.write_config(timeZone="Europe/Berlin")
    schedules.container.get("config").reload_if_changed()

    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 11:00", "Pending")]


def test_canceling_the_waiting_job_skips_that_run_alone(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()
    (job,) = schedules.jobs(schedule)
    job.set("status", "Canceled")
    schedules.entities.save_entity(job)

    schedules.make_due()
    schedules.restart()
    schedules.make_due()
    schedules.pass_time(minutes=30)
    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 09:00", "Canceled"), ("03-02 10:00", "Pending")]


def test_removing_the_waiting_job_skips_that_run_alone(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()
    schedules.entities.remove_entity(schedules.jobs(schedule)[0])
    schedules.pass_time(minutes=30)

    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 10:00", "Pending")]


@pytest.mark.parametrize(
    "change",
    [
        {"scheduling": "45 * * * *"},
        {"timeZone": "Asia/Kathmandu"},
        {"startsAt": START + timedelta(minutes=45), "scheduling": "*/15 * * * *"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_takes_the_waiting_job_with_it(schedules: Schedules, change: dict[str, Any]) -> None:
    schedule = schedules.add()
    schedules.make_due()

    schedules.change(schedule, **change)

    assert schedules.jobs(schedule) == []
    schedules.make_due()
    assert len(schedules.jobs(schedule)) == 1
    assert schedules.fires(schedule) != [("03-02 09:00", "Pending")]


def test_another_payload_is_that_of_the_waiting_job_too(schedules: Schedules) -> None:
    schedule = schedules.add(payload={"a": 1})
    schedules.make_due()

    schedules.change(schedule, payload={"a": 2}, name="tock")
    schedules.make_due()

    (job,) = schedules.jobs(schedule)
    assert (job.get("payload"), job.get("name"), schedules.fires(schedule)) == (
        {"a": 2},
        "tock",
        [("03-02 09:00", "Pending")],
    )


def test_a_change_that_was_made_before_the_first_plan_counts(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedule.set("scheduling", "0 12 * * *")
    schedules.make_due()

    schedules.entities.save_entity(schedule)  # it was read before there was a plan

    schedules.make_due()
    assert schedules.fires(schedule) == [("03-02 12:00", "Pending")]


def test_a_job_whose_time_has_come_survives_a_change(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()
    schedules.pass_time(minutes=31)

    schedules.change(schedule, scheduling="30 * * * *")
    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 09:00", "Pending"), ("03-02 09:30", "Pending")]


def test_switching_off_and_on_begins_anew(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()

    schedules.change(schedule, isActive=False)
    assert schedules.jobs(schedule) == []
    schedules.pass_time(hours=5)
    schedules.change(schedule, isActive=True)
    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 14:00", "Pending")]


def test_removing_a_schedule_takes_its_waiting_job_with_it_and_restoring_begins_anew(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()

    schedules.entities.remove_entity(schedule)
    assert schedules.jobs(schedule) == []
    schedules.pass_time(hours=5)
    schedules.entities.get_repository("ScheduledJob").restore(schedule.id)
    schedules.make_due()

    assert schedules.fires(schedule) == [("03-02 14:00", "Pending")]


def test_many_are_switched_off_at_once(schedules: Schedules) -> None:
    made = [schedules.add() for _ in range(3)]
    schedules.make_due()

    schedules.entities.get_repository("ScheduledJob").update_where({"type": "Tick"}, {"isActive": False})

    assert [schedules.jobs(each) for each in made] == [[], [], []]


def test_a_schedule_fires_from_its_start_to_its_end_both_included(schedules: Schedules) -> None:
    schedule = schedules.add(startsAt=START.replace(hour=10, minute=0), endsAt=START.replace(hour=11, minute=0))

    for _ in range(5):
        schedules.make_due()
        schedules.pass_time(hours=1)

    assert schedules.fires(schedule) == [("03-02 10:00", "Pending"), ("03-02 11:00", "Pending")]
    ended = schedules.read(schedule)
    assert ended.get("isActive") is False
    assert ended.get("message") == "It is over: no fire time is left before 2026-03-02 11:00:00 UTC (endsAt)."


def test_jitter_delays_each_job_by_a_time_of_its_own(schedules: Schedules) -> None:
    schedule = schedules.add(jitterSeconds=600)

    for _ in range(10):
        schedules.make_due()
        schedules.pass_time(hours=1)

    delays = [job.get("executeTime") - job.get("fireTime") for job in schedules.jobs(schedule)]
    assert all(timedelta() <= delay <= timedelta(minutes=10) for delay in delays)
    assert len(set(delays)) == 10


def test_a_schedule_that_bare_sql_broke_is_said_once_and_keeps_no_other_one_waiting(
    schedules: Schedules, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = schedules.add(), schedules.add()
    schedules.installation.execute("UPDATE scheduled_job SET scheduling = '99 * * * *' WHERE id = ?", broken.id)

    for _ in range(3):
        schedules.make_due()
        schedules.pass_time(hours=1)

    said = [record.getMessage() for record in caplog.records if broken.id in record.getMessage()]
    assert len(said) == 1
    assert "Wrong crontab configuration '99 * * * *'" in said[0]
    assert "Wrong crontab configuration" in schedules.read(broken).get("message")
    assert len(schedules.jobs(other)) == 3
    schedules.change(broken, scheduling="0 * * * *")
    schedules.make_due()
    assert len(schedules.jobs(broken)) == 1


@pytest.mark.only_sqlite("the columns of others hold what is of their type only")
@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("jitter_seconds = 'abc'", "jitterSeconds is 'abc'"),
        ("jitter_seconds = 10000000000000", "jitterSeconds is 10"),
        ("priority = 'high'", "priority is 'high'"),
    ],
)
def test_numbers_that_bare_sql_broke_stop_their_schedule_alone(
    schedules: Schedules, assignment: str, said: str
) -> None:
    broken, other = schedules.add(), schedules.add()
    schedules.installation.execute(f"UPDATE scheduled_job SET {assignment} WHERE id = ?", broken.id)

    schedules.make_due()

    (row,) = schedules.installation.query("SELECT message FROM scheduled_job WHERE id = ?", broken.id)
    assert row["message"].startswith(said)
    assert len(schedules.jobs(other)) == 1


def test_a_schedule_that_bare_sql_broke_can_be_switched_off(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.installation.execute("UPDATE scheduled_job SET scheduling = 'never' WHERE id = ?", schedule.id)

    schedules.change(schedule, isActive=False)

    assert schedules.read(schedule).get("isActive") is False


def test_two_schedulers_make_each_job_once(schedules: Schedules) -> None:
    from core.job_manager.scheduler import Scheduler

    schedule = schedules.add()
    other = Scheduler(schedules.container)
    for _ in range(4):
        schedules.make_due()
        other.make_all_due()
        schedules.pass_time(hours=1)

    assert len(schedules.fires(schedule)) == 4


def test_a_second_job_for_a_fire_time_is_refused_whoever_tries(schedules: Schedules) -> None:
    from core.exceptions import NotUnique

    schedule = schedules.add()
    schedules.make_due()
    (job,) = schedules.jobs(schedule)
    double = schedules.entities.get_entity("Job")
    double.set({"name": "x", "type": "Tick", "scheduledJobId": schedule.id, "fireTime": job.get("fireTime")})

    with pytest.raises(NotUnique):
        schedules.entities.save_entity(double)


def test_children_and_jobs_that_a_person_starts_are_for_no_fire_time(schedules: Schedules) -> None:
    schedule = schedules.add(isActive=False, payload={"a": 1})
    service = schedules.container.get("serviceFactory").create("ScheduledJob")

    first, second = service.execute_now(schedule.id), service.execute_now(schedule.id)

    assert [(job.get("fireTime"), job.get("priority"), job.get("payload")) for job in (first, second)] == [
        (None, 200, {"a": 1}),
        (None, 200, {"a": 1}),
    ]
