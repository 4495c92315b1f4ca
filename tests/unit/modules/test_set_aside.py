"""Modules that cannot be loaded are set aside, with the place and the reason."""

from __future__ import annotations

import pytest

from core.container import Container
from core.exceptions import ModuleError
from tests.unit.modules.conftest import AddModule, Load

HEAD = "from core.module_manager import AbstractModule\nclass Module(AbstractModule):\n"


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("\nclass Module(\n", 2, "SyntaxError: '(' was never closed"),
        ("\n\nimport pandorra\n", 3, "ModuleNotFoundError: No module named 'pandorra'"),
        ("from Shop.other import fail\n\nfail()", 2, "ZeroDivisionError: division by zero"),
        ("from Shop.broken import x", 1, "SyntaxError: invalid syntax"),
        ("import sys\nsys.exit('no licence')", 2, "SystemExit: no licence"),
        ("class Shop:\n    pass", None, "The file has no class Module(AbstractModule)."),
        ("class Module:\n    pass", None, "The file has no class Module(AbstractModule)."),
        (HEAD + "  def __init__(self): pass", None, "TypeError: "),
        (HEAD + "  def get_load_order(self): return 'first'", None, "get_load_order() answers 'first'"),
        (HEAD + "  def get_load_order(self):\n    return 1 / 0", 4, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_broken_module_py_is_named_with_its_last_line_of_the_module(
    add_module: AddModule, load: Load, code: str, line: int | None, reason: str
) -> None:
    folder = add_module("Shop", {"Module.py": code, "other.py": "def fail():\n    1 / 0", "broken.py": "x x"})
    add_module("Works")

    manager = load()

    [item] = manager.set_aside
    assert [module.id for module in manager.modules] == ["Works"]
    assert (item.module, item.line) == ("Shop", line)
    assert item.file is not None
    assert item.file.parent == folder
    assert item.reason.startswith(reason)


def test_a_file_deeper_in_the_module_is_named(add_module: AddModule, load: Load) -> None:
    folder = add_module("Shop", {"Module.py": "import Shop.Core.rates", "Core/rates.py": "\nrates = {}['EUR']"})

    assert str(load().set_aside[0]) == f"{folder / 'Core' / 'rates.py'}, line 2: KeyError: 'EUR'"


@pytest.mark.parametrize(
    ("manifest", "line", "reason"),
    [
        ("name: Shop\nname: Store", 2, "the key 'name' stands here twice"),
        ("- Shop", None, "A manifest is a mapping"),
        ("version: 1.10", None, "'version' is to be a text, in quotes, and not 1.1."),
        ("loadOrder: soon", None, "'loadOrder' is to be a whole number, and not 'soon'."),
        ("require: Base", None, "'require' is to be a list of module ids, and not 'Base'."),
        ("requires: [Base]", None, "A manifest has no 'requires'. Did you mean 'require'?"),
        ("name: 1\nloadOrder: x", None, "'name' is to be a text, in quotes, and not 1. 'loadOrder' is to be"),
    ],
)
def test_a_broken_manifest_is_named(
    add_module: AddModule, load: Load, manifest: str, line: int | None, reason: str
) -> None:
    folder = add_module("Shop", {"module.yaml": manifest})

    [item] = load().set_aside

    assert (item.file, item.line) == (folder / "module.yaml", line)
    assert item.reason.startswith(reason)


def test_an_empty_manifest_is_none(add_module: AddModule, load: Load) -> None:
    add_module("Shop", {"module.yaml": "# nothing yet\n"})

    assert load().set_aside == []


def test_a_module_whose_on_load_fails_is_set_aside_with_those_that_require_it(
    add_module: AddModule, load: Load
) -> None:
    folder = add_module("A", {"Module.py": HEAD + "  def on_load(self):\n    raise OSError('no disk')"})
    add_module("B", require=["A"])
    add_module("C")

    manager = load()
    manager.load(Container())

    assert [module.id for module in manager.modules] == ["C"]
    assert [str(item) for item in manager.set_aside] == [
        f"{folder / 'Module.py'}, line 4: OSError: no disk",
        f"{folder.parent / 'B' / 'module.yaml'}: It requires 'A', which is set aside.",
    ]


def test_with_strict_all_that_would_be_set_aside_is_an_error(add_module: AddModule, load: Load) -> None:
    add_module("A", {"Module.py": "1 / 0"})
    add_module("json")

    with pytest.raises(ModuleError, match=r"(?s)'json' is set aside: .*'A' is set aside: .*division by zero"):
        load(strict=True)


def test_with_strict_a_failing_on_load_is_an_error(add_module: AddModule, load: Load) -> None:
    add_module("A", {"Module.py": HEAD + "  def on_load(self):\n    1 / 0"})
    manager = load(strict=True)

    with pytest.raises(ModuleError, match="division by zero"):
        manager.load(Container())


@pytest.mark.parametrize(
    ("name", "shown", "reason"),
    [
        ("class", "class", "'class' cannot be the name of a Python package: it is a word of the language."),
        ("a-b", "a-b", "'a-b' cannot be the name of a Python package; letters, digits and underscores make one."),
        ("a\nb", "a\\nb", "'a\\nb' cannot be the name of a Python package; letters, digits and underscores make one."),
    ],
)
def test_a_folder_whose_name_is_no_package_s_is_named_in_one_line(
    add_module: AddModule, load: Load, name: str, shown: str, reason: str
) -> None:
    folder = add_module(name, {"Jobs/X.py": ""})

    [item] = load().set_aside

    assert (item.module, str(item)) == (shown, f"{folder.with_name(shown)}: {reason}")
