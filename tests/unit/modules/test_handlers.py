"""A handler that cannot do its work is refused before any job needs it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from core.exceptions import Error
from core.job_manager import handlers
from core.job_manager.handlers import check_handlers, load_handler, try_handlers
from tests.unit.modules.conftest import AddModule, Load

HEAD = "from core.Jobs import AbstractJob, JobInterface\n\n"


class Types:
    """Job types of the module Shop."""

    def __init__(self, **entries: Any) -> None:
        self._entries = entries

    def get(self, key: list[str], default: object = None) -> Any:
        found: Any = {"app": {"jobTypes": self._entries}}
        for step in key:
            found = found.get(step) if isinstance(found, dict) else None
        return default if found is None else found

    def job_type_owner(self, job_type: str) -> str | None:
        return "Shop"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "class X(JobInterface):\n  async def run(self, job): pass",
            "cannot be run: 'run' is async, and nobody awaits",
        ),
        ("class X(JobInterface):\n  def run(self, job): yield 1", "cannot be run: 'run' has a yield"),
        ("class X(AbstractJob, JobInterface): pass", "is abstract: it lacks run (registered by Shop)."),
        ("class X(JobInterface):\n  def run(self): pass", "cannot be run: 'run' has to take one argument, the job: "),
        (
            "class X(JobInterface):\n  def __init__(self, price): pass\n  def run(self, job): pass",
            "cannot be built: Shop.Jobs.X.X cannot be built: its parameter 'price' has neither",
        ),
        (
            "class X(JobInterface):\n  def __init__(self, a: 'Nothing'): pass\n  def run(self, job): pass",
            "cannot be built: Shop.Jobs.X.X cannot be built: name 'Nothing' is not defined.",
        ),
        ("class X:\n  def run(self, job): pass", "does not implement JobInterface (registered by Shop)."),
    ],
)
def test_a_handler_that_could_not_run_is_refused(add_module: AddModule, load: Load, code: str, reason: str) -> None:
    add_module("Shop", {"Jobs/X.py": HEAD + code})
    load()

    with pytest.raises(Error) as caught:
        load_handler(Types(X={"handler": r"\Shop\Jobs\X"}), "X")

    assert str(caught.value).startswith(rf"The handler '\Shop\Jobs\X' of job type 'X' {reason}")


@pytest.mark.parametrize("run", ["partialmethod(_run, 1)", "Callable()"])
def test_a_run_that_is_no_plain_method_is_left_to_the_call(add_module: AddModule, load: Load, run: str) -> None:
    head = "from functools import partialmethod\nclass Callable:\n  def __call__(self, job): pass\n"
    body = f"class X(JobInterface):\n  def _run(self, mode, job): pass\n  run = {run}\n"
    add_module("Shop", {"Jobs/X.py": HEAD + head + body})
    load()

    assert load_handler(Types(X={"handler": "Shop.Jobs.X"}), "X").__name__ == "X"


def test_a_handler_that_cannot_be_imported_is_named_with_file_line_and_owner(add_module: AddModule, load: Load) -> None:
    folder = add_module("Shop", {"Jobs/X.py": "\nclass X(:"})
    load()

    [complaint] = check_handlers(Types(X={"handler": "Shop.Jobs.X"}))

    assert complaint == (
        "The handler 'Shop.Jobs.X' of job type 'X' cannot be imported: "
        f"{folder / 'Jobs' / 'X.py'}, line 2: SyntaxError: invalid syntax (registered by Shop)."
    )


def test_a_handler_that_ends_or_stops_its_process_is_named_and_the_others_are_tried(
    add_module: AddModule, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "_TRYING_SECONDS", 1.0)
    fine = HEAD + "class Fine(JobInterface):\n  def run(self, job): pass\n"
    files = {
        "Jobs/Crash.py": "import os\nos.kill(os.getpid(), 9)\n",
        "Jobs/Exit.py": "import os\nos._exit(0)\n",
        "Jobs/Fine.py": fine,
        "Jobs/Hang.py": "import time\ntime.sleep(100)\n",
        "Jobs/Wrong.py": "class Wrong: pass\n",
    }
    add_module("Shop", files)
    load()
    types = Types(**{name: {"handler": f"Shop.Jobs.{name}"} for name in ("Crash", "Exit", "Fine", "Hang", "Wrong")})

    assert list(try_handlers(types).values()) == [
        "The handler 'Shop.Jobs.Crash' of job type 'Crash' ends the process that imports it (registered by Shop).",
        "The handler 'Shop.Jobs.Exit' of job type 'Exit' ends the process that imports it (registered by Shop).",
        "The handler 'Shop.Jobs.Hang' of job type 'Hang' takes over 1 s to be imported (registered by Shop).",
        "The handler 'Shop.Jobs.Wrong' of job type 'Wrong' does not implement JobInterface (registered by Shop).",
    ]
    assert "Shop.Jobs.Fine" not in sys.modules


def test_a_type_without_a_handler_is_left_to_the_metadata() -> None:
    assert check_handlers(Types(Erased=None, Empty={}, Blank={"handler": ""}, Number={"handler": 5}, Text="x")) == []
