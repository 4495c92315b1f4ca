"""`doctor`: what is wrong with the whole installation, each with a remedy."""

from __future__ import annotations

import json
import sys
import zoneinfo
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.config.database_url import POSTGRESQL
from core.job_manager.doctor import judge_clocks
from core.testing import Installation
from tests.integration.job_manager.manager import Manager

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def examine(manager: Manager) -> list[Any]:
    """Without what this machine's disk and the test database's settings say."""
    found = manager.container.get("jobManager").examine()
    return [each for each in found if each.topic not in ("disk", "database")]


def test_where_all_is_well_it_finds_nothing(own_manager: Manager) -> None:
    assert examine(own_manager) == []


def test_it_finds_that_nobody_runs_jobs(resting_manager: Manager) -> None:
    found = examine(resting_manager)

    assert [(each.topic, each.is_error) for each in found] == [("job manager", True), ("cron", True)]


def test_it_finds_a_pause(own_manager: Manager) -> None:
    own_manager.container.get("jobManager").pause("moving the disk")

    (found,) = examine(own_manager)

    assert (found.topic, found.is_error, "moving the disk" in found.text) == ("job manager", False, True)


def test_it_finds_pauses_of_a_type_and_of_all_machines(own_manager: Manager) -> None:
    own_manager.container.get("jobManager").pause_type("Script", "the supplier is closed")
    own_manager.container.get("jobManager").pause_everywhere()

    everywhere, of_type = examine(own_manager)

    assert everywhere.remedy == '"python console.py job manager resume --everywhere" lets them go on.'
    assert of_type.text.endswith('("the supplier is closed").')
    assert not (everywhere.is_error or of_type.is_error)


def test_it_finds_a_run_that_nobody_closes(resting_manager: Manager) -> None:
    examine(resting_manager)
    gone = "00000000-0000-0000-0000-000000000000:1:1:1"
    resting_manager.insert("stale", status="Running", run_node=resting_manager.node, run_process=gone, pid=1)

    assert [each.text for each in examine(resting_manager) if each.topic == "jobs"] == [
        "The job stale (Script) is Running, but its process 1 is gone."
    ]


def test_it_finds_files_that_cannot_be_written(resting_manager: Manager) -> None:
    (resting_manager.installation.data / "marks").chmod(0o500)

    assert any(": marks." in each.text for each in examine(resting_manager) if each.topic == "files")


def test_it_finds_missing_libraries(resting_manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = [name for name in sys.modules if name.startswith("tzdata.")]  # by tests before this one
    for name in ("croniter", "tzdata", *loaded):
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.ZoneInfo.clear_cache()
    zoneinfo.reset_tzpath(to=())
    try:
        found = [each for each in examine(resting_manager) if each.topic == "libraries"]
    finally:
        zoneinfo.reset_tzpath()

    assert ["croniter" in each.text for each in found] == [True, False]
    assert all(each.is_error and "pip install" in each.remedy for each in found)


def test_where_the_lock_file_cannot_be_opened_it_says_the_rest(resting_manager: Manager) -> None:
    (resting_manager.installation.data / "job-manager.lock").mkdir(mode=0o500)

    found = examine(resting_manager)

    assert [each.topic for each in found] == ["job manager", "files"]
    assert "job-manager.lock: Is a directory." in found[0].text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, None), (1.9, None), (-1.9, None), (2.6, "2.1 s ahead of"), (-3.0, "3.0 s behind")],
)
def test_clocks_may_be_two_seconds_apart(seconds: float, words: str | None) -> None:
    found = list(judge_clocks(NOON, NOON + timedelta(seconds=seconds), NOON + timedelta(seconds=0.5)))

    assert [words in each.text for each in found] == ([True] if words else [])


def test_the_settings_of_the_database_are_looked_at(resting_manager: Manager) -> None:
    found = [each.text for each in resting_manager.container.get("jobManager").examine() if each.topic == "database"]

    is_on_postgres = str(resting_manager.installation.database_url).startswith(POSTGRESQL)
    assert any("synchronous_commit is off" in text for text in found) == is_on_postgres  # as tests make theirs


@pytest.mark.every_database
def test_tables_that_do_not_survive_a_crash_are_errors(resting_manager: Manager) -> None:
    if not resting_manager.installation.is_on_server:
        pytest.skip("a file's tables are all of one kind")
    is_on_postgres = str(resting_manager.installation.database_url).startswith(POSTGRESQL)
    resting_manager.container.get("jobManager").examine()  # makes the tables
    resting_manager.execute(f"ALTER TABLE job_attempt {'SET UNLOGGED' if is_on_postgres else 'ENGINE=MyISAM'}")
    resting_manager.execute("CREATE TABLE foreign_one (id int)")

    found = [each for each in resting_manager.container.get("jobManager").examine() if "job_attempt" in each.text]

    assert [(each.topic, each.is_error, "foreign_one" in each.text) for each in found] == [("database", True, False)]
    assert found[0].remedy == f"ALTER TABLE job_attempt {'SET LOGGED' if is_on_postgres else 'ENGINE=InnoDB'};"


@pytest.mark.only_sqlite("the command is the same everywhere")
def test_the_command_says_errors_with_remedies_and_exits_with_1(installation: Installation) -> None:
    installation.write_config(maxConcurrentWorkers="many")

    finished = installation.console("doctor")
    document = json.loads(installation.console("doctor", "--json").stdout)

    assert finished.returncode == 1
    assert "Error (check): " in finished.stderr
    assert 'Error (job manager): No job manager is running.\n    "python console.py cron" starts it.' in finished.stderr
    assert document["ok"] is False
    assert {"level", "topic", "text", "remedy"} == document["findings"][0].keys()


@pytest.mark.only_sqlite("the command is the same everywhere")
def test_a_broken_configuration_is_a_finding_as_well(installation: Installation) -> None:
    (installation.data / "config.py").write_text("config = {")

    finished = installation.console("doctor")

    assert finished.returncode == 1
    assert "config.py" in finished.stderr
    assert "Error (cron): cron has never come" in finished.stderr


@pytest.mark.only_sqlite("the command is the same everywhere")
def test_the_command_says_that_all_is_well(own_manager: Manager) -> None:
    finished = own_manager.installation.console("doctor")

    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout == "Everything is fine.\n"
