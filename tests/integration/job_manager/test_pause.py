"""`job manager pause` and `resume`, and what a pause says of itself."""

from __future__ import annotations

import json

import pytest

from core.testing import Installation
from tests.integration.job_manager.manager import Manager


def test_a_pause_lets_no_job_start_until_it_is_resumed(manager: Manager) -> None:
    job_manager = manager.container.get("jobManager")
    job_manager.pause()

    waiting = manager.add()
    manager.until(lambda: manager.row(waiting)["status"] == "Pending")
    assert job_manager.resume()

    assert manager.ended(waiting)["status"] == "Success"
    assert not job_manager.resume()


def test_a_pause_says_who_wanted_it_since_when_and_why(
    resting_manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "ada")
    resting_manager.container.get("jobManager").pause("moving\nthe disk")

    pause = resting_manager.container.get("jobManager").paused()

    assert str(pause).startswith("by ada since 20")
    assert str(pause).endswith('Z ("moving the disk")')


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", None), ("moving the disk\n", "moving the disk"), ("[1]", "[1]"), ('{"since": "x", "by": 5}', None)],
)
def test_any_file_of_the_name_pauses_and_names_its_owner(
    resting_manager: Manager, content: str, reason: str | None
) -> None:
    file = resting_manager.installation.data / "job-manager-pause.txt"
    file.write_text(content)

    pause = resting_manager.container.get("jobManager").paused()

    assert (pause.by, pause.reason) == (file.owner(), reason)
    assert abs(pause.since.timestamp() - file.stat().st_mtime) <= 1


def test_a_folder_of_the_name_pauses_too(resting_manager: Manager) -> None:
    (resting_manager.installation.data / "job-manager-pause.txt").mkdir()

    assert resting_manager.container.get("jobManager").paused().reason is None


@pytest.mark.only_sqlite("the commands need no database")
def test_the_commands_pause_and_resume(installation: Installation) -> None:
    paused = installation.console("job", "manager", "pause", "--reason=moving the disk")
    again = installation.console("job", "manager", "pause", "--reason=nothing", "--json")
    resumed = installation.console("job", "manager", "resume")
    idle = installation.console("job", "manager", "resume")

    assert paused.stdout == 'The job manager is paused. "python console.py job manager resume" lets it go on.\n'
    assert json.loads(again.stdout)["reason"] == "moving the disk"
    assert resumed.stdout == "The job manager starts jobs again.\n"
    assert (idle.returncode, idle.stdout) == (0, "The job manager is not paused.\n")
