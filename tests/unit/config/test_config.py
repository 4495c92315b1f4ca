"""Reading and judging the settings."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from core.config import Config

Write = Callable[[str], Path]
LONG_AGO = 1_600_000_000


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes `data/config.py` below `tmp_path`."""

    def write(text: str) -> Path:
        path = tmp_path / "data" / "config.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    config = Config(tmp_path)

    assert config.get("logger.level") == "WARNING"
    assert config.get("maxConcurrentWorkers") == 6
    assert config.check() == []


def test_a_section_is_laid_over_the_defaults_key_by_key(tmp_path: Path, write: Write) -> None:
    write('config = {"logger": {"level": "DEBUG"}}')

    assert Config(tmp_path).get("logger.level") == "DEBUG"
    assert Config(tmp_path).get("logger.maxFileNumber") == 30


@pytest.mark.parametrize("name", ["nothing", "own.nothing", "own.value.deeper", "empty"])
def test_what_is_missing_or_none_is_the_default(tmp_path: Path, write: Write, name: str) -> None:
    write('config = {"own": {"value": 1}, "empty": None}')

    assert Config(tmp_path).get(name) is None
    assert Config(tmp_path).get(name, 7) == 7
    assert not Config(tmp_path).has(name)


def test_a_setting_of_core_that_is_none_keeps_its_default(tmp_path: Path, write: Write) -> None:
    write('config = {"language": None, "logger": None}')

    assert Config(tmp_path).get("language") == "en_US"
    assert Config(tmp_path).get("logger.level") == "WARNING"


def test_the_file_may_use_all_of_python(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hush")
    write('import os\nconfig = {"password": os.environ["SECRET"], "here": __file__}')

    assert Config(tmp_path).get("password") == "hush"
    assert Config(tmp_path).get("here") == str(tmp_path / "data" / "config.py")


def test_what_is_done_to_an_answer_does_not_change_the_settings(tmp_path: Path) -> None:
    config = Config(tmp_path)

    config.get("logger")["level"] = "DEBUG"

    assert config.get("logger.level") == "WARNING"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config = {\n  'a': 1,\n  'b' 2}", "config.py, line 3: "),
        ("import os\n\nconfig = {'a': os.environ['NO SUCH']}", "config.py, line 3: KeyError: 'NO SUCH'"),
        ("settings = {}", "config.py has no dict named `config`."),
        ("config = [1]", "config.py has no dict named `config`."),
        ("raise SystemExit('bye')", "config.py, line 1: SystemExit: bye"),
        ("config = {}\0\0", "config.py"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, write: Write, text: str, problem: str) -> None:
    write(text)

    config = Config(tmp_path)

    assert config.problem is not None
    assert problem in config.problem
    assert config.check() == [config.problem]
    assert config.get("language") == "en_US"


@pytest.mark.parametrize(("written", "workers"), [(3, 4), (4, 4), (10, 10), (50, 50), (51, 50), (-1, 4)])
def test_workers_are_four_to_fifty(tmp_path: Path, write: Write, written: int, workers: int) -> None:
    path = write(f"config = {{'maxConcurrentWorkers': {written}}}")

    assert Config(tmp_path).max_concurrent_workers == workers
    assert Config(tmp_path).check() == [
        f"{path}: maxConcurrentWorkers is {written}, which is not a whole number from 4 to 50; {workers} is used."
        for _ in range(written != workers)
    ]


@pytest.mark.parametrize("written", ["'10'", "True", "6.0", "[6]"])
def test_workers_that_are_no_whole_number_are_six_and_a_complaint(tmp_path: Path, write: Write, written: str) -> None:
    path = write(f"config = {{'maxConcurrentWorkers': {written}}}")

    assert Config(tmp_path).max_concurrent_workers == 6
    assert Config(tmp_path).check() == [
        f"{path}: maxConcurrentWorkers is {written}, which is not a whole number; 6 is used."
    ]


def test_all_complaints_come_at_once(tmp_path: Path, write: Write) -> None:
    write(
        "config = {'logger': 5, 'systemUserId': 7, 'cancelGracePeriod': -1, 'language': 'english',"
        "'database': {'synchronous': 'MAYBE', 'driver': 'pdo_pgslq'}, 'maxConcurrentWorker': 10}"
    )

    complaints = "\n".join(Config(tmp_path).check())

    for name in ("logger", "systemUserId", "cancelGracePeriod", "language", "database.synchronous"):
        assert f": {name} is " in complaints
    assert "Did you mean 'pdo_pgsql'?" in complaints
    assert "maxConcurrentWorker is no known setting. Did you mean 'maxConcurrentWorkers'?" in complaints


@pytest.mark.parametrize(
    ("text", "wrong", "near"),
    [
        ("'database': {'ulr': 'x'}", "database.ulr", "url"),
        ("'logger': {'lvel': 'INFO'}", "logger.lvel", "level"),
        ("'logger': {'maxFilesNumber': 3}", "logger.maxFilesNumber", "maxFileNumber"),
    ],
)
def test_a_misspelt_key_of_a_section_is_named(tmp_path: Path, write: Write, text: str, wrong: str, near: str) -> None:
    path = write(f"config = {{{text}}}")

    assert Config(tmp_path).check() == [f"{path}: {wrong} is no known setting. Did you mean '{near}'?"]


def test_settings_of_modules_are_none_of_our_business(tmp_path: Path, write: Write) -> None:
    write("config = {'siteUrl': 1, 'maxConcurrentJobs': 'x', 'logger': {'rotation': True}}")

    assert Config(tmp_path).check() == []


def test_a_changed_file_is_taken_over(tmp_path: Path, write: Write) -> None:
    write("config = {'maxConcurrentWorkers': 5}")
    config = Config(tmp_path)
    write("config = {'maxConcurrentWorkers': 8}")

    assert config.reload_if_changed()
    assert config.max_concurrent_workers == 8


def test_an_unchanged_file_is_no_change(tmp_path: Path, write: Write) -> None:
    path = write("config = {'a': 1}")
    os.utime(path, (LONG_AGO, LONG_AGO))
    config = Config(tmp_path)

    path.chmod(0o600)  # seen by the kernel, not by us

    assert not config.reload_if_changed()


def test_a_file_that_appears_is_taken_over(tmp_path: Path, write: Write) -> None:
    config = Config(tmp_path)
    write("config = {'a': 1}")

    assert config.reload_if_changed()
    assert config.get("a") == 1


def test_two_changes_within_one_tick_of_the_file_system_are_seen(tmp_path: Path, write: Write) -> None:
    path = write("config = {'a': 1}")
    config = Config(tmp_path)
    state = path.stat()
    path.write_text("config = {'a': 2}")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    assert config.reload_if_changed()
    assert config.get("a") == 2


def test_a_file_that_breaks_keeps_the_last_good_settings_until_it_is_mended(tmp_path: Path, write: Write) -> None:
    write("config = {'a': 1}")
    config = Config(tmp_path)

    write("config = {'a'")
    assert not config.reload_if_changed()
    assert config.get("a") == 1
    assert config.problem is not None
    assert config.problem.endswith("The last good settings stay in force.")

    write("config = {'a': 3}")
    assert config.reload_if_changed()
    assert config.problem is None


@pytest.mark.parametrize(
    ("good", "wrong", "name"),
    [
        ("{'timeZone': 'Europe/Berlin'}", "{'timeZone': 'Europe/Berln'}", "timeZone"),
        ("{'logger': {'level': 'INFO'}}", "{'logger': {'level': 'INFOS'}}", "logger.level"),
    ],
)
def test_a_value_that_cannot_be_keeps_the_last_good_one(
    tmp_path: Path, write: Write, good: str, wrong: str, name: str
) -> None:
    write(f"config = {good}")
    config = Config(tmp_path)
    before = config.get(name)

    write(f"config = {wrong}")

    assert not config.reload_if_changed()
    assert config.get(name) == before
    assert config.check()[0].endswith(f"; {before!r} is used.")


def test_a_file_that_goes_away_keeps_the_last_good_settings(tmp_path: Path, write: Write) -> None:
    path = write("config = {'a': 1}")
    config = Config(tmp_path)
    path.unlink()

    assert not config.reload_if_changed()
    assert config.get("a") == 1
    assert config.problem is not None


def test_the_example_shows_the_defaults(tmp_path: Path, write: Write) -> None:
    example = Path(__file__).parents[3] / "data" / "config.example.py"
    write(example.read_text())
    shown, defaults = Config(tmp_path), Config(tmp_path / "empty")

    database = shown.to_dict().pop("database")
    assert database.pop("url") == "sqlite:///data/atro.sqlite"
    assert shown.to_dict() | {"database": database} == defaults.to_dict()
    assert shown.check() == []


@pytest.mark.parametrize(
    ("name", "written", "default"),
    [("maxRunsPerWorker", "-1", 10_000), ("maxRunsPerWorker", "2.5", 10_000), ("maxWorkerMemory", "'512 MB'", 0)],
)
def test_a_limit_of_workers_that_is_none_is_reported_and_the_default_is_in_force(
    tmp_path: Path, write: Write, name: str, written: str, default: int
) -> None:
    path = write(f"config = {{'{name}': {written}}}")

    assert Config(tmp_path).get(name) == default
    [complaint] = Config(tmp_path).check()
    assert complaint.startswith(f"{path}: {name} is {written}, which is not a")


@pytest.mark.parametrize(
    "written",
    ["5", "['priority>=200']", "{'priority>=200': 0}", "{'priority>=200': '2'}", "{'priority>200': 2}", "{200: 2}"],
)
def test_reserved_workers_that_cannot_be_are_none_and_a_complaint(tmp_path: Path, write: Write, written: str) -> None:
    path = write(f"config = {{'reservedWorkers': {written}}}")

    config = Config(tmp_path)

    assert config.get("reservedWorkers") == {}
    (complaint,) = config.check()
    assert complaint.startswith(f"{path}: reservedWorkers is {written}, which is not an object such as ")


def test_more_workers_than_there_are_cannot_be_reserved(tmp_path: Path, write: Write) -> None:
    path = write("config = {'maxConcurrentWorkers': 6, 'reservedWorkers': {'priority>=200': 2, 'priority >= -1.5': 6}}")

    assert Config(tmp_path).check() == [
        f"{path}: reservedWorkers keeps 6 of 6 workers for priority >= -1.5; 5 is used, as other jobs need one."
    ]


@pytest.mark.parametrize("written", ["-1", "'1 min'", "True"])
def test_a_priority_aging_that_is_no_number_of_seconds_is_none(tmp_path: Path, write: Write, written: str) -> None:
    write(f"config = {{'priorityAging': {written}}}")

    config = Config(tmp_path)

    assert config.get("priorityAging") == 0
    assert "priorityAging is" in config.check()[0]


@pytest.mark.parametrize(("handler", "is_the_files_own"), [(signal.SIG_IGN, True), (signal.default_int_handler, False)])
def test_a_keyboard_interrupt_of_the_file_is_a_fault_where_it_can_be_no_persons(
    tmp_path: Path, write: Write, handler: Any, is_the_files_own: bool
) -> None:
    write("config = {}")
    config = Config(tmp_path)
    write("raise KeyboardInterrupt")
    former = signal.signal(signal.SIGINT, handler)

    try:
        with nullcontext() if is_the_files_own else pytest.raises(KeyboardInterrupt):
            config.reload_if_changed()
    finally:
        signal.signal(signal.SIGINT, former)

    assert (config.problem is not None) == is_the_files_own
