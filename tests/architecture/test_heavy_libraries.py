"""What every command has to load is light; a heavy library waits for the command that needs it."""

from __future__ import annotations

import subprocess
import sys
from collections import deque

import pytest

from core.testing import Installation
from tests.architecture.source import Source, core_by_module, sources

HEAVY = {"sqlalchemy", "jsonschema", "rich", "jinja2", "psutil", "fastapi", "alembic", "asyncio"}

#: What is loaded before the command is known, and each command's own file.
LIGHT_ROOMS = {
    "__main__",
    "application",
    "clock",
    "config",
    "container",
    "Console",
    "console_manager",
    "events",
    "exceptions",
    "language",
    "log",
    "memory_storage",
    "metadata",
    "module_manager",
}

WHAT_A_COMMAND_LOADS = """
import runpy, sys
sys.argv = ["console.py", *sys.argv[1:]]
try:
    runpy.run_path("console.py", run_name="__main__")
except SystemExit as exit:
    assert not exit.code, exit.code
print("loaded:", *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def light_sources() -> list[Source]:
    return [source for source in sources("core") if source.room in LIGHT_ROOMS]


@pytest.mark.parametrize("source", light_sources(), ids=lambda source: source.module)
def test_loading_a_light_file_loads_no_heavy_library(source: Source) -> None:
    assert ways_to_a_heavy_library(source) == []


def ways_to_a_heavy_library(start: Source) -> list[str]:
    """The shortest chain of imports from a file to each heavy library that its loading brings in."""
    ways: list[str] = []
    seen = {start.module}
    queue = deque([(start, start.module)])
    while queue:
        source, way = queue.popleft()
        for target in loaded_with(source):
            if target.split(".")[0] in HEAVY:
                ways.append(f"{way} -> {target}")
            elif target in core_by_module() and target not in seen:
                seen.add(target)
                queue.append((core_by_module()[target], f"{way} -> {target}"))
    return ways


def loaded_with(source: Source) -> list[str]:
    """What a file imports at load, with the packages around it: `core.orm.query` loads `core.orm` first."""
    targets = [found.target for found in source.imports if found.at_load]
    return [".".join(parts[:end]) for parts in (t.split(".") for t in targets) for end in range(1, len(parts) + 1)]


@pytest.mark.parametrize("words", [["list"], ["modules"]], ids=" ".join)
def test_a_light_command_loads_no_heavy_library(installation: Installation, words: list[str]) -> None:
    installation.add_job_type("Greet", "print('hello')")
    installation.console("list")  # the first one after a change of metadata judges them: that may cost

    assert HEAVY & what_is_loaded(installation, words) == set()


def test_alembic_waits_until_a_table_is_to_be_changed(installation: Installation) -> None:
    loaded = what_is_loaded(installation, ["job", "list"])

    assert "sqlalchemy" in loaded
    assert "alembic" not in loaded


def what_is_loaded(installation: Installation, words: list[str]) -> set[str]:
    command = [sys.executable, "-c", WHAT_A_COMMAND_LOADS, *words]
    finished = subprocess.run(command, cwd=installation.root, capture_output=True, text=True, timeout=30)
    loaded = set(finished.stderr.rpartition("loaded:")[2].split())
    assert "core" in loaded, finished.stderr
    return loaded


def test_loading_the_data_layer_goes_through_no_table_of_letters() -> None:
    """All letters of Unicode take 100 ms, and most processes compare none beyond ASCII."""
    looked = "import core.orm; from core.orm import letter_case; print(letter_case._small.cache_info().currsize)"

    finished = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, timeout=30, check=True)

    assert finished.stdout.strip() == "0"
