"""What is refused when a schedule is saved, and the schedules that an installation gets."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from core.exceptions import BadRequest, InvalidSchedule, ValidationError
from core.testing import Installation
from tests.integration.schedules.conftest import START, Schedules

LISTENER = """\
from core.Listeners import AbstractListener


class ScheduledJobEntity(AbstractListener):
    def before_save(self, event):
        raise KeyError("broken")
"""


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": "Tik"}, "The job type 'Tik' cannot be scheduled: no module has it. Did you mean 'Tick'?"),
        ({"type": "Part"}, "The job type 'Part' cannot be scheduled: its entry in jobTypes.json has no"),
        ({"scheduling": "61 * * * *"}, "Wrong crontab configuration '61 * * * *'"),
        ({"scheduling": "0 0 31 2 *"}, "Wrong crontab configuration '0 0 31 2 *'"),
        ({"timeZone": "Europe/Berlim"}, "Europe/Berlin"),
        ({"type": "Import", "payload": {"source": "fax"}}, "The payload of the schedule 'tick' does not fit its type"),
        ({"startsAt": START, "endsAt": START - timedelta(days=1)}, "is before startsAt"),
        ({"endsAt": START - timedelta(days=1)}, "has no fire time left before endsAt"),
        ({"overlap": "perhaps"}, "overlap"),
        ({"catchUp": "first"}, "catchUp"),
        ({"jitterSeconds": -1}, "jitterSeconds"),
        ({"maxFailures": 0}, "maxFailures"),
        ({"scheduling": ""}, "Wrong crontab configuration ''"),
    ],
    ids=lambda value: json.dumps(value, default=str)[:40] if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused(schedules: Schedules, values: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        schedules.add(**values)

    assert message in str(refusal.value)
    assert schedules.entities.get_repository("ScheduledJob").count() == 0


def test_a_change_is_judged_too_and_the_waiting_job_stays(schedules: Schedules) -> None:
    schedule = schedules.add()
    schedules.make_due()

    with pytest.raises(InvalidSchedule):
        schedules.change(schedule, scheduling="5-1 * * * *")

    assert schedules.fires(schedule) == [("03-02 09:00", "Pending")]


def test_a_type_that_is_unique_has_one_schedule(schedules: Schedules) -> None:
    first = schedules.add(type="Once")

    with pytest.raises(BadRequest, match="Only one 'Once' job is allowed"):
        schedules.add(type="Once")

    schedules.entities.remove_entity(first)
    second = schedules.add(type="Once")
    with pytest.raises(BadRequest, match="Only one 'Once' job is allowed"):
        schedules.entities.get_repository("ScheduledJob").restore(first.id)
    assert schedules.read(second) is not None
    assert schedules.read(first) is None


def test_of_two_that_are_saved_at_once_the_database_refuses_one(schedules: Schedules) -> None:
    schedules.add(type="Once")
    rows = schedules.entities.get_repository("ScheduledJob")
    second = rows.make()
    second.set({"name": "x", "type": "Once", "scheduling": "@daily", "uniqueType": "Once"})

    with pytest.raises(BadRequest):
        rows.save(second, {"skipBeforeSave": True})


def test_an_installation_gets_the_schedules_of_core_and_of_modules(schedules: Schedules) -> None:
    schedules.scheduler.plant()
    schedules.scheduler.plant()

    (seed,) = schedules.entities.get_repository("ScheduledJob").find()
    assert {name: seed.get(name) for name in ("name", "type", "scheduling", "isActive")} == {
        "name": "Clear deleted data",
        "type": "ClearEntities",
        "scheduling": "0 2 1 * *",
        "isActive": True,
    }


@pytest.mark.every_database
def test_a_schedule_that_somebody_has_removed_is_not_planted_again(schedules: Schedules) -> None:
    schedules.scheduler.plant()
    (seed,) = schedules.entities.get_repository("ScheduledJob").find()
    schedules.entities.remove_entity(seed)

    schedules.scheduler.plant()

    assert schedules.entities.get_repository("ScheduledJob").count() == 0


def test_a_schedule_of_a_persons_own_takes_the_place_of_a_planted_one(schedules: Schedules) -> None:
    own = schedules.add("0 3 * * *", type="ClearEntities")

    schedules.scheduler.plant()

    (found,) = schedules.entities.get_repository("ScheduledJob").find()
    assert found.id == own.id


def test_one_that_a_broken_payload_schema_refuses_keeps_no_other_one_away(
    schedules: Schedules, caplog: pytest.LogCaptureFixture
) -> None:
    metadata = schedules.container.get("metadata")
    job_type = {"handler": "Jobs.X", "scheduledJob": True, "payloadSchema": {"type": "objct"}}
    metadata.set("app", "jobTypes", {"Broken": job_type})
    metadata.set("app", "scheduledJobs", {"A": {"type": "Broken"}, "B": {"type": "Tick"}})

    schedules.scheduler.plant()

    found = schedules.entities.get_repository("ScheduledJob").order("name").find()
    assert [each.get("name") for each in found] == ["B", "Clear deleted data"]
    assert "the schedule 'A' cannot be made: " in caplog.text


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("Listeners/ScheduledJobEntity.py", LISTENER),
        *(
            pytest.param(f"{folder}/ScheduledJob.py", "broken = 1 / 0", marks=pytest.mark.proof)
            for folder in ("Repositories", "Services")
        ),
    ],
)
def test_what_a_module_breaks_about_schedules_keeps_no_job_manager_from_starting(
    installation: Installation, path: str, code: str
) -> None:
    installation.add_module("Breaker", {path: code})

    run = installation.console("cron")

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert "cannot be made" in (installation.data / "logs" / "atro.log").read_text()


def test_values_are_judged_all_at_once(schedules: Schedules) -> None:
    schedule = schedules.entities.get_entity("ScheduledJob")
    schedule.set({"name": "", "type": "Tick", "scheduling": "@daily", "overlap": "x", "jitterSeconds": 100_000})

    with pytest.raises(ValidationError) as refusal:
        schedules.entities.save_entity(schedule)

    assert {problem.field for problem in refusal.value.problems} == {"name", "overlap", "jitterSeconds"}
