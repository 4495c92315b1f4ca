"""What core shows of its own entities, and what a module adds to it."""

from __future__ import annotations

import json
from pathlib import Path

from core.application import Application
from core.testing import Installation

LAYOUTS = Path(__file__).parents[3] / "core" / "Resources" / "layouts"


def names(layout: list[dict[str, str]]) -> list[str]:
    return [column["name"] for column in layout]


def test_lists_and_forms_of_core(tmp_path: Path) -> None:
    with Application(tmp_path) as application:
        manager = application.container.get("layoutManager")

        assert manager.check() == []
        assert names(manager.get("Job", "list")) == [
            "name",
            "status",
            "executeTime",
            "startedAt",
            "endedAt",
            "priority",
            "createdAt",
        ]
        assert names(manager.get("Job", "listInQueueManager")) == ["name", "spinner", "status", "actions"]
        assert manager.get("Job", "detail")[0]["rows"][1] == [{"name": "status"}, {"name": "message"}]
        assert names(manager.get("ScheduledJob", "list")) == [
            "name",
            "type",
            "isActive",
            "scheduling",
            "lastRun",
            "nextFireTime",
        ]
        assert names(manager.get("ScheduledJob", "relationships")) == ["jobs"]
        assert names(manager.get("User", "list")) == ["name", "userName", "isAdmin", "isActive"]


def test_no_layout_of_core_names_what_its_entity_does_not_have(tmp_path: Path) -> None:
    with Application(tmp_path) as application:
        manager = application.container.get("layoutManager")
        for file in LAYOUTS.glob("*/*.json"):
            assert manager.get(file.parent.name, file.stem) == json.loads(file.read_text()), file


def test_a_module_adds_a_row_by_its_hook(installation: Installation) -> None:
    installation.add_module(
        "Shop",
        {
            "Module.py": """
                from core.module_manager import AbstractModule


                class Module(AbstractModule):
                    def load_layouts(self, scope, data):
                        if scope == "User":
                            del data[1:]
                """,
            "Resources/layouts/User/list.json": '[{"name": "type"}]',
        },
    )
    with installation.application() as application:
        manager = application.container.get("layoutManager")

        assert names(manager.get("User", "list")) == ["name", "type"]
        assert names(manager.get("Job", "list"))[0] == "name"


def test_check_names_a_broken_layout(installation: Installation) -> None:
    folder = installation.add_module("Shop", {"Resources/layouts/Job/list.json": "[{}]"})

    finished = installation.console("check")

    assert finished.returncode == 1
    assert (
        f"{folder}/Resources/layouts/Job/list.json: 0: {{}} is not a column such as"
        in finished.stderr + finished.stdout
    )
