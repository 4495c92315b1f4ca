"""The commands about schedules; in one process, with a real database."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from core.__main__ import main
from core.testing import Installation

SEEDED = "Clear deleted data"


class Said(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Console:
    """Types commands."""

    installation: Installation
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        code = main([str(self.installation.root), *words])
        return Said(code, *self.capsys.readouterr())

    def json(self, *words: str) -> Any:
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return json.loads(said.out)

    def add(self, *options: str, cron: str = "0 2 * * *", job_type: str = "Greet") -> str:
        """The id of a new schedule."""
        said = self("schedule", "add", job_type, f"--cron={cron}", *options)
        assert said.code == 0, said.err
        return said.out.strip()

    def show(self, schedule: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.json("schedule", "show", schedule)
        return shown


@pytest.fixture
def console(installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """Of an installation with the job type Greet, which may be scheduled."""
    monkeypatch.chdir(installation.root)  # main() goes there, and the test comes back
    installation.add_job_type("Greet", "print('hello')", scheduledJob=True)
    return Console(installation, capsys)


# Adding


def test_a_schedule_is_added_with_all_that_it_can_have(console: Console) -> None:
    schedule = console.add(
        *("--name=Good morning", "--time-zone=Europe/Berlin", '--payload={"name": "Ada"}', "--priority=7.5"),
        *("--overlap=skip", "--catch-up", "none", "--jitter=30", "--max-failures=3"),
        *("--starts-at=2130-01-01T00:00:00+01:00", "--ends-at=2131-01-01 00:00:00"),
    )

    shown = console.show(schedule)

    assert {name: shown[name] for name in ("type", "name", "scheduling", "isActive", "timeZone", "payload")} == {
        "type": "Greet",
        "name": "Good morning",
        "scheduling": "0 2 * * *",
        "isActive": True,
        "timeZone": "Europe/Berlin",
        "payload": {"name": "Ada"},
    }
    assert [shown[name] for name in ("priority", "overlap", "catchUp", "jitterSeconds", "maxFailures")] == [
        *(7.5, "skip", "none", 30, 3)
    ]
    assert (shown["startsAt"], shown["endsAt"]) == ("2129-12-31T23:00:00Z", "2131-01-01T00:00:00Z")


def test_adding_says_the_next_time_beside_the_id(console: Console) -> None:
    said = console("schedule", "add", "Greet", "--cron=30 2 1 1 *", "--starts-at=2130-06-01")

    assert re.fullmatch(r"[0-9a-f-]{36}\n", said.out)
    assert said.err == "Next time: 2131-01-01T02:30:00Z.\n"


def test_a_schedule_may_be_added_paused(console: Console) -> None:
    said = console("schedule", "add", "Greet", "--cron=@daily", "--inactive", "--json")

    assert json.loads(said.out)["isActive"] is False
    assert said.err == "It is paused.\n"


def test_a_schedule_is_called_as_its_type_is_in_the_language_of_the_installation(console: Console) -> None:
    console.installation.write_config(language="de_DE")

    schedule = console.add(job_type="RetryFailedJobs")

    assert console.show(schedule)["name"] == "Fehlgeschlagene Jobs wiederholen"


# Listing and showing


def test_a_new_installation_lists_the_schedules_that_it_came_with(console: Console) -> None:
    listed = console.json("schedule", "list")

    assert [(each["name"], each["scheduling"], each["isActive"]) for each in listed] == [(SEEDED, "0 2 1 * *", True)]


def test_a_list_has_a_line_for_each_schedule_by_name(console: Console) -> None:
    second = console.add("--name=B", "--time-zone=Asia/Tokyo")
    first = console.add("--name=A", "--inactive", cron="*/5 * * * *")

    said = console("schedule", "list")

    header, *lines = said.out.splitlines()
    assert header.split() == ["id", "name", "type", "scheduling", "zone", "isActive", "lastRun", "nextFireTime"]
    assert lines[0].split() == [first, "A", "Greet", "*/5", "*", "*", "*", "*", "UTC"]
    assert lines[1].split()[:9] == [second, "B", "Greet", "0", "2", "*", "*", "*", "Asia/Tokyo"]
    assert said.err == 'No job manager is running: "python console.py cron" starts it.\n'


def test_a_list_is_of_those_that_are_active_or_not(console: Console) -> None:
    active, paused = console.add("--name=A"), console.add("--name=B", "--inactive")

    assert [each["id"] for each in console.json("schedule", "list", "--active")][:1] == [active]
    assert [each["id"] for each in console.json("schedule", "list", "--inactive")] == [paused]


def test_a_schedule_is_shown_in_words_with_its_next_times_in_its_zone(console: Console) -> None:
    shown = console.show(console.add("--time-zone=Europe/Berlin"))

    assert (shown["zone"], shown["words"]) == ("Europe/Berlin", "At 02:00 every day")
    times = shown["nextTimes"]
    assert len(times) == 10
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT02:00:00\+0[12]:00", each["local"]) for each in times)
    assert all(datetime.fromisoformat(each["local"]) == datetime.fromisoformat(each["utc"]) for each in times)


def test_the_next_times_lie_between_beginning_and_end(console: Console) -> None:
    schedule = console.add("--starts-at=2130-01-01T02:00:00", "--ends-at=2130-01-03T02:00:00")

    times = [each["utc"] for each in console.show(schedule)["nextTimes"]]

    assert times == ["2130-01-01T02:00:00Z", "2130-01-02T02:00:00Z", "2130-01-03T02:00:00Z"]


def test_a_schedule_is_shown_as_text(console: Console) -> None:
    schedule = console.add("--inactive", '--payload={"name": "Ada"}')
    job = console("schedule", "run", schedule).out.strip()

    out = console("schedule", "show", schedule).out

    assert re.search(r'^payload +\{"name": "Ada"\}$', out, re.MULTILINE)
    assert "It is paused. When it is resumed it fires:\nAt 02:00 every day\n\n" in out
    assert re.search(r"^\d{4}-\d\d-\d\dT02:00:00\+00:00  \d{4}-\d\d-\d\dT02:00:00Z$", out, re.MULTILINE)
    assert re.search(rf"^{job}  Pending", out, re.MULTILINE)


def test_a_schedule_is_found_by_a_name_that_it_has_alone(console: Console) -> None:
    one, two, three = console.add("--name=Same"), console.add("--name=Same"), console.add("--name=Other")

    assert console.show("Other")["id"] == three
    said = console("schedule", "show", "Same")
    assert said.code == 1
    assert said.err == f"2 schedules have the name 'Same'. Take the id of one: {one}, {two}.\n"


# Pausing, running, removing


def test_a_schedule_is_paused_and_resumed(console: Console) -> None:
    schedule = console.add(cron="0 2 1 1 *")

    paused = console("schedule", "pause", schedule)
    again = console("schedule", "pause", schedule)
    resumed = console("schedule", "resume", schedule)

    assert (paused.code, paused.out, paused.err) == (0, "The schedule is paused.\n", "")
    assert (again.code, again.out) == (0, "The schedule is paused already.\n")
    assert (resumed.code, resumed.out) == (0, "The schedule is active.\n")
    assert re.fullmatch(r"Next time: \d{4}-01-01T02:00:00Z\.\n", resumed.err)
    assert console.show(schedule)["isActive"] is True


def test_pausing_and_removing_answer_the_schedule_as_json(console: Console) -> None:
    schedule = console.add()

    assert console.json("schedule", "pause", schedule)["isActive"] is False
    assert console.json("schedule", "remove", schedule)["id"] == schedule


def test_a_paused_schedule_is_run_by_hand_before_other_jobs(console: Console) -> None:
    schedule = console.add("--inactive", '--payload={"name": "Ada"}')

    said = console("schedule", "run", schedule)

    job = console.installation.job(said.out.strip())
    assert (job["type"], job["status"], job["priority"], job["scheduled_job_id"]) == ("Greet", "Pending", 200, schedule)
    assert [(each["id"], each["status"]) for each in console.show(schedule)["lastJobs"]] == [(job["id"], "Pending")]


def test_a_removed_schedule_is_gone_for_good(console: Console) -> None:
    console("schedule", "list")

    removed = console("schedule", "remove", SEEDED)

    assert (removed.code, removed.out) == (0, "The schedule has been removed.\n")
    assert console.json("schedule", "list") == []
