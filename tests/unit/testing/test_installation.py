"""The installation that tests are run in; what needs no application."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from core import clock
from core.testing import Installation

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@contextmanager
def sleeping(*words: str, **options: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*SLEEP, *words], **options) as process:
        try:
            # While it becomes another program it has no command line for a moment.
            assert clock.wait_until(lambda: Path(f"/proc/{process.pid}/cmdline").read_bytes() != b"", 30)
            yield process
        finally:
            process.kill()


def test_a_module_is_written_with_text_and_json(installation: Installation) -> None:
    folder = installation.add_module("Shop", {"Jobs/A.py": "x = 1\n", "Resources/a.json": {"b": 1}})

    assert folder == installation.root / "modules" / "Shop"
    assert (folder / "Jobs/A.py").read_text() == "x = 1\n"
    assert json.loads((folder / "Resources/a.json").read_text()) == {"b": 1}


def test_a_job_type_is_a_module_with_a_class_and_its_registration(installation: Installation) -> None:
    folder = installation.add_job_type("Greet", "print('hello')", maxAttempts=3)

    types = json.loads((folder / "Resources/metadata/app/jobTypes.json").read_text())
    assert types == {"Greet": {"handler": "\\GreetModule\\Jobs\\Greet", "maxAttempts": 3}}
    compile((folder / "Jobs/Greet.py").read_text(), "Greet.py", "exec")


def test_the_config_is_one_dict_literal(installation: Installation) -> None:
    file = installation.write_config(maxConcurrentWorkers=8, database={"synchronous": "FULL"})

    found: dict[str, object] = {}
    exec(file.read_text(), found)
    assert found["config"] == {"maxConcurrentWorkers": 8, "database": {"synchronous": "FULL"}}


def test_a_process_with_the_folder_in_its_command_line_is_found(installation: Installation) -> None:
    with sleeping(str(installation.root / "console.py")) as process:
        assert [found.pid for found in installation.processes()] == [process.pid]


def test_a_process_that_works_in_the_folder_is_found(installation: Installation) -> None:
    with sleeping(cwd=str(installation.root)) as process:
        assert [found.pid for found in installation.processes()] == [process.pid]


def test_a_process_of_a_folder_whose_name_only_begins_alike_is_not_found(installation: Installation) -> None:
    with sleeping(f"{installation.root}-2/console.py"):
        assert installation.processes() == []


def test_killing_everything_ends_children_too(installation: Installation) -> None:
    code = f"import subprocess; subprocess.run({SLEEP!r})"
    with subprocess.Popen([sys.executable, "-c", code, str(installation.root)]):
        installation.wait_until(lambda: len(installation.processes()) == 2)

        installation.kill_everything()

        assert installation.processes() == []


def test_a_job_is_read_as_it_stands_in_the_table(installation: Installation) -> None:
    with closing(sqlite3.connect(installation.data / "atro.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE job (id TEXT, started_at TEXT)")
        connection.execute("INSERT INTO job VALUES ('a', NULL)")
        connection.commit()

    assert installation.job("a") == {"id": "a", "started_at": None}


def test_a_job_that_is_not_there_is_an_error(installation: Installation) -> None:
    with closing(sqlite3.connect(installation.data / "atro.sqlite")) as connection:
        connection.execute("CREATE TABLE job (id TEXT)")

    with pytest.raises(LookupError, match="no job a"):
        installation.job("a")


def test_waiting_gives_up_with_its_message(installation: Installation) -> None:
    with pytest.raises(TimeoutError, match="the moon did not fall"):
        installation.wait_until(lambda: False, timeout=0, message="the moon did not fall")


def test_a_process_that_ends_while_all_are_killed_is_no_error(tmp_path: Path) -> None:
    class Late(Installation):
        """It looked when a process still was there."""

        looks = 0

        def processes(self) -> list[psutil.Process]:
            self.looks += 1
            return [gone] if self.looks == 1 else []

    with sleeping() as process:
        gone = psutil.Process(process.pid)
    late = Late(tmp_path / "late")

    late.kill_everything()

    assert late.looks == 2
