"""The commands about schedules, as a person types them; `tests/integration/console/test_schedules.py` has more."""

import json
import re
from typing import Any

import pytest

from core.testing import Installation


@pytest.fixture
def greeting(installation: Installation) -> Installation:
    """An installation with the job type Greet, which may be scheduled."""
    installation.add_job_type("Greet", "print('hello', job.get_payload())", scheduledJob=True)
    return installation


def read_json(installation: Installation, *words: str) -> Any:
    finished = installation.console(*words, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def show(installation: Installation, schedule: str) -> dict[str, Any]:
    shown: dict[str, Any] = read_json(installation, "schedule", "show", schedule)
    return shown


def waiting(installation: Installation) -> list[dict[str, Any]]:
    return installation.query("SELECT id, fire_time FROM job WHERE type = 'Greet' AND status = 'Pending'")


def test_a_schedule_is_added_listed_and_removed(greeting: Installation) -> None:
    added = greeting.console("schedule", "add", "Greet", "--cron=0 2 * * *", "--name=Good morning")
    schedule = added.stdout.strip()

    listed = {each["id"]: each for each in read_json(greeting, "schedule", "list")}
    removed = greeting.console("schedule", "remove", "Good morning")

    assert added.stderr.startswith("Next time: ")
    assert (listed[schedule]["name"], listed[schedule]["scheduling"]) == ("Good morning", "0 2 * * *")
    assert (removed.returncode, removed.stdout, removed.stderr) == (0, "The schedule has been removed.\n", "")


def test_a_paused_schedule_is_run_by_hand(greeting: Installation) -> None:
    options = ["--cron=@daily", "--inactive", '--payload={"name": "Ada"}']
    schedule = greeting.console("schedule", "add", "Greet", *options).stdout.strip()

    job = greeting.console("schedule", "run", schedule).stdout.strip()

    assert greeting.console("job", job, "--run").stdout.startswith("hello {'name': 'Ada'}\n")
    assert [(each["id"], each["status"]) for each in show(greeting, schedule)["lastJobs"]] == [(job, "Success")]


def test_the_next_job_waits_in_the_queue_as_long_as_the_schedule_is_active(greeting: Installation) -> None:
    greeting.start_job_manager()
    schedule = greeting.console("schedule", "add", "Greet", "--cron=0 2 1 1 *").stdout.strip()
    job = greeting.wait_until(lambda: waiting(greeting), message="no job was made")[0]

    shown = show(greeting, schedule)
    assert shown["nextFireTime"] == shown["nextTimes"][0]["utc"] == shown["lastJobs"][0]["fireTime"]

    greeting.console("schedule", "pause", schedule)
    assert waiting(greeting) == []
    greeting.console("schedule", "resume", schedule)
    assert greeting.wait_until(lambda: waiting(greeting), message="no job was made")[0]["id"] != job["id"]
    greeting.console("schedule", "remove", schedule)
    assert waiting(greeting) == []


@pytest.mark.proof
def test_a_schedule_that_failed_too_often_says_so_until_it_is_resumed(installation: Installation) -> None:
    installation.add_job_type("Greet", "raise ValueError('no luck today')", scheduledJob=True)
    installation.start_job_manager()
    schedule = installation.console("schedule", "add", "Greet", "--cron=0 2 1 1 *", "--max-failures=1").stdout.strip()
    job = installation.wait_until(lambda: waiting(installation), message="no job was made")[0]
    installation.console("job", job["id"], "--run")

    listed = installation.wait_until(
        lambda: read_json(installation, "schedule", "list", "--inactive"), message="it goes on"
    )

    assert listed[0]["message"].startswith("Switched off, as it failed once (maxFailures).")
    assert "Switched off" in installation.console("schedule", "list").stdout
    installation.console("schedule", "resume", schedule)
    assert show(installation, schedule)["message"] is None


def test_an_expression_is_explained_without_a_database(installation: Installation) -> None:
    explained = read_json(installation, "cron", "explain", "30 2 * * 1-5", "--tz=Europe/Berlin")

    assert (explained["expression"], explained["zone"]) == ("30 2 * * 1-5", "Europe/Berlin")
    assert len(explained["nextTimes"]) == 10
    assert explained["nextTimes"][0]["local"][10:22] == "T02:30:00+0" + explained["nextTimes"][0]["local"][21]
    assert not (installation.data / "atro.sqlite").exists()


def test_an_expression_is_explained_in_the_zone_of_the_configuration(installation: Installation) -> None:
    installation.write_config(timeZone="Asia/Tokyo")

    lines = installation.console("cron", "explain", "@hourly").stdout.splitlines()

    header = next(number for number, line in enumerate(lines) if line.split() == ["Asia/Tokyo", "UTC"])
    assert all(re.fullmatch(r"\S+T\d\d:00:00\+09:00  \S+T\d\d:00:00Z", line) for line in lines[header + 1 :])
    assert len(lines[header + 1 :]) == 10
