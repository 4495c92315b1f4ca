"""Imports in core go down only; type-only imports and those inside functions count."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import REPOSITORY, core_by_module, sources

#: Bottom up. Rooms on one line do not import each other. The empty room is `core/__init__.py`.
FLOORS = [
    {""},
    {"sentence"},
    {"exceptions"},
    {"clock"},
    {
        "config",
        "container",
        "loading",
        "log",
        "memory_storage",
        "lock_file",
        "schedule",
        "set_aside",
        "signature",
        "terminal",
    },
    {"events"},
    {"metadata"},
    {"module_manager", "orm", "language", "layouts", "templating"},
    {"job_queue", "mail", "records", "Migrations"},
    {"Entities", "migrator"},
    {"Repositories", "SelectManagers", "data_manager", "access"},
    {"Services", "Listeners"},
    {"Jobs"},
    {"job_manager"},
    {"web"},
    {"Console", "console_manager", "Module"},
    {"application"},
    {"testing", "__main__", "worker_parent"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

#: What a room leaves to another one: nothing but `job_queue` and `orm` speaks SQL about jobs.
NOT_FOR = {
    "job_manager": {"sqlalchemy", "sqlite3", "psycopg", "pymysql"},
    "Console": {"sqlalchemy", "sqlite3", "psycopg", "pymysql"},
    "metadata": {"sqlalchemy"},
    "access": {"fastapi", "starlette", "uvicorn"},
}


def test_every_room_has_its_floor() -> None:
    rooms = {source.room for source in sources("core")}

    assert rooms == FLOOR.keys(), "put new rooms into FLOORS, where they belong"


def test_the_documentation_shows_the_floors() -> None:
    lines = (REPOSITORY / "docs/architecture.md").read_text().splitlines()
    cells = [line.split("|")[2] for line in lines if re.match(r"\| \d+ \|", line)]

    assert [set(re.findall(r"`(\w+)`", cell)) for cell in cells] == FLOORS[1:]


def test_imports_go_down() -> None:
    upward = [
        f"{source.place}:{found.line} imports {found.target}"
        for source in sources("core")
        for found in source.imports
        if found.target.split(".")[0] == "core" and not may_import(source.room, (found.target + ".").split(".")[1])
    ]

    assert upward == []


def may_import(room: str, other: str) -> bool:
    return room == other or FLOOR[other] < FLOOR[room]


def test_there_are_no_cycles_of_files() -> None:
    graph = {
        module: {found.target for found in source.imports if found.target in core_by_module()} - {module}
        for module, source in core_by_module().items()
    }

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_room_does_not_do_the_work_of_another() -> None:
    strays = [
        f"{source.place}:{found.line} imports {found.target}"
        for source in sources("core")
        for found in source.imports
        if found.target.split(".")[0] in NOT_FOR.get(source.room, ())
    ]

    assert strays == []


def test_core_knows_no_module_by_name() -> None:
    names = {"modules", *(path.name for path in (REPOSITORY / "modules").iterdir() if path.is_dir())}

    known = [
        f"{source.place}:{found.line} imports {found.target}"
        for source in sources("core")
        for found in source.imports
        if found.target.split(".")[0] in names
    ]

    assert known == []


def test_modules_import_convention_rooms_through_the_door() -> None:
    deep = [
        f"{source.place}:{found.line} imports {found.target}"
        for source in sources("modules")
        for found in source.imports
        if found.target.startswith("core.") and found.target.split(".")[1][0].isupper() and found.target.count(".") > 1
    ]

    assert deep == [], "write `from core.Jobs import AbstractJob`"


def test_imports_are_absolute() -> None:
    relative = [
        f"{source.place}:{found.line}"
        for source in [*sources("core"), *sources("modules")]
        for found in source.imports
        if found.target.startswith(".")
    ]

    assert relative == []
