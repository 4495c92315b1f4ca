"""What another process says of handlers."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.job_manager.daemon_program import Program
from core.job_manager.handler_faults import HandlerFaults
from core.testing import Installation


class _Types:
    def get(self, key: list[str], default: Any = None) -> Any:
        types = {"Good": {"handler": "Shop.Jobs.Good"}, "Bad": {"handler": "Shop.Jobs.Bad"}}
        return types if key == ["app", "jobTypes"] else types.get(key[2], {}).get(key[3])

    def job_type_owner(self, job_type: str) -> str:
        return "Shop"


def program(folder: Path, code: str) -> Program:
    (folder / "program.py").write_text(code)
    return Program([sys.executable, "program.py"], folder)


def test_it_is_asked_once_and_no_handler_is_imported(tmp_path: Path) -> None:
    code = "open('asked', 'a').write('x')\nprint('said by a module\\n{\"Bad\": \"It is bad.\"}')"
    faults = HandlerFaults(_Types())  # type: ignore[arg-type]  # what handlers ask of metadata
    faults.ask(program(tmp_path, code))

    assert (faults.of("Bad"), faults.of("Good"), faults.all()) == ("It is bad.", None, ["It is bad."])
    assert faults.of("Nobody's") == "Type class for 'Nobody's' does not exist."
    assert (tmp_path / "asked").read_text() == "x"


def test_where_it_cannot_answer_that_is_logged_and_it_is_asked_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    faults = HandlerFaults(_Types())  # type: ignore[arg-type]  # what handlers ask of metadata
    faults.ask(program(tmp_path, "raise SystemExit(3)"))
    assert faults.of("Bad") is None
    assert "Whether the handlers of the job types can be had is not known" in caplog.text

    program(tmp_path, 'print(\'{"Bad": "It is bad."}\')')

    assert faults.of("Bad") == "It is bad."


def test_nobody_waits_for_it_when_the_process_is_to_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    faults = HandlerFaults(_Types())  # type: ignore[arg-type]  # what handlers ask of metadata
    faults.ask(program(tmp_path, "open('begun', 'w').close()\nimport time\ntime.sleep(100)"))
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(faults.of, "Bad")
        Installation.wait_until((tmp_path / "begun").exists)

        faults.give_up()

        assert asked.result(timeout=30) is None
    assert faults.all() == []
    assert not caplog.text
