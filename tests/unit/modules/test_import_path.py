"""Modules are importable by their names while their manager is open, and leave no trace afterwards."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from core.module_manager import ModuleManager, load_class
from tests.unit.modules.conftest import AddModule, Load

JOB = "class Job:\n    answer = {}\n"


def test_a_class_is_importable_with_and_without_init(add_module: AddModule, load: Load) -> None:
    add_module("A", {"Jobs/Job.py": JOB.format(1)})
    add_module("B", {"Jobs/Job.py": JOB.format(2), "Jobs/__init__.py": "", "__init__.py": ""})
    load()

    assert [load_class(f"{name}.Jobs.Job").answer for name in "AB"] == [1, 2]


def test_roots_follow_each_other_with_modules_of_the_same_name(tmp_path: Path, add_module: AddModule) -> None:
    answers = []
    for number, layout in enumerate([{}, {"__init__.py": ""}, {"Jobs/__init__.py": "", "__init__.py": ""}]):
        root = tmp_path / str(number)
        add_module("Shop", {"Jobs/Job.py": JOB.format(number), "Module.py": "", **layout}, root)
        manager = ModuleManager(root)
        answers.append(load_class("Shop.Jobs.Job").answer)
        manager.close()

    assert answers == [0, 1, 2]


def test_code_that_changed_between_two_managers_of_one_root_is_read_anew(
    tmp_path: Path, add_module: AddModule, load: Load
) -> None:
    folder = add_module("Shop", {"Jobs/Job.py": JOB.format(1)})
    load()
    assert load_class("Shop.Jobs.Job").answer == 1
    load().close()
    (folder / "Jobs" / "Job.py").write_text(JOB.format("'another'"))

    load()

    assert load_class("Shop.Jobs.Job").answer == "another"


def test_closing_restores_the_import_path_and_the_loaded_modules(add_module: AddModule, load: Load) -> None:
    add_module("A", {"Jobs/Job.py": JOB.format(1), "Module.py": ""})
    add_module("B", {"__init__.py": "", "deep/er.py": ""})
    path, loaded = list(sys.path), set(sys.modules)
    manager = load()
    load_class("A.Jobs.Job")
    importlib.import_module("B.deep.er")

    manager.close()

    assert sys.path == path
    assert {name for name in set(sys.modules) - loaded if name.partition(".")[0] in "AB"} == set()
    assert importlib.util.find_spec("A") is None


def test_closing_leaves_a_package_loaded_of_which_a_part_lies_in_modules_too(
    tmp_path: Path, add_module: AddModule, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "shared").mkdir(parents=True)
    (elsewhere / "shared" / "part.py").touch()
    monkeypatch.syspath_prepend(str(elsewhere))
    add_module("shared", {"own.py": ""})
    manager = load()
    part, _ = importlib.import_module("shared.part"), importlib.import_module("shared.own")

    manager.close()

    assert sys.modules.pop("shared.part") is part
    assert "shared.own" not in sys.modules


def test_two_open_managers_do_not_mix_modules_of_the_same_name(
    tmp_path: Path, add_module: AddModule, load: Load
) -> None:
    add_module("Shop", root=tmp_path / "one")
    add_module("Shop", root=tmp_path / "two")

    first, second = load(tmp_path / "one"), load(tmp_path / "two")

    assert [module.id for module in first.modules] == ["Shop"]
    assert second.modules == []
    assert str(tmp_path / "one" / "modules" / "Shop") in second.set_aside[0].reason


def test_two_open_managers_of_one_root_share_it(add_module: AddModule, load: Load) -> None:
    add_module("Shop", {"Jobs/Job.py": JOB.format(1)})
    first, second = load(), load()

    first.close()

    assert [module.id for module in second.modules] == ["Shop"]
    assert load_class("Shop.Jobs.Job").answer == 1


def test_a_stray_file_in_modules_does_not_hide_python_s_own(add_module: AddModule, load: Load) -> None:
    (add_module("Shop").parent / "wave.py").write_text("1 / 0")
    load()

    assert importlib.import_module("wave").__name__ == "wave"
