"""In which order modules load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import ModuleError
from core.module_manager import Module, ModuleManager
from core.module_manager.abstract_module import AbstractModule
from core.module_manager.load_order import in_order
from core.module_manager.manifest import Manifest
from tests.unit.modules.conftest import AddModule, Load


def ids(manager: ModuleManager) -> list[str]:
    return [module.id for module in manager.modules]


def reasons(manager: ModuleManager) -> dict[str, str]:
    return {item.module: item.reason for item in manager.set_aside}


def test_modules_load_by_load_order_then_id(add_module: AddModule, load: Load) -> None:
    add_module("Late", loadOrder=20)
    add_module("B")
    add_module("A")
    add_module("Early", loadOrder=-1)

    assert ids(load()) == ["Early", "A", "B", "Late"]


def test_get_load_order_of_the_class_wins_over_the_manifest(add_module: AddModule, load: Load) -> None:
    code = """
        from core.module_manager import AbstractModule

        class Module(AbstractModule):
            def get_load_order(self):
                return super().get_load_order() + 100
    """
    add_module("A", {"Module.py": code}, loadOrder=5)
    add_module("B")

    assert [(module.id, module.load_order) for module in load().modules] == [("B", 10), ("A", 105)]


def test_what_is_required_loads_first_whatever_its_load_order(add_module: AddModule, load: Load) -> None:
    add_module("A", loadOrder=1, require=["Z"])
    add_module("B", loadOrder=2)
    add_module("Z", loadOrder=99)

    assert ids(load()) == ["B", "Z", "A"]


def test_a_missing_requirement_sets_aside_all_who_need_it(add_module: AddModule, load: Load) -> None:
    add_module("A", require=["B"])
    add_module("B", require=["Shoop"])
    add_module("Shop")

    manager = load()

    assert ids(manager) == ["Shop"]
    assert reasons(manager) == {
        "B": "It requires 'Shoop', which is not there. Did you mean 'Shop'?",
        "A": "It requires 'B', which is set aside.",
    }


def test_a_circle_is_named_and_set_aside_with_all_who_need_it(add_module: AddModule, load: Load) -> None:
    add_module("A", require=["B"])
    add_module("B", require=["A"])
    add_module("C", require=["A"])
    add_module("D")

    manager = load()

    assert ids(manager) == ["D"]
    assert reasons(manager)["A"] in (
        "Modules require each other: A -> B -> A.",
        "Modules require each other: B -> A -> B.",
    )
    assert reasons(manager)["C"] == "It requires 'A', which is set aside."


def test_a_broken_module_takes_those_along_who_need_it(add_module: AddModule, load: Load) -> None:
    add_module("A", {"Module.py": "1 / 0"})
    add_module("B", require=["A"])

    assert reasons(load())["B"] == "It requires 'A', which is set aside."


def test_a_module_is_never_told_to_require_itself(add_module: AddModule, load: Load) -> None:
    add_module("Shop", require=["Shops"])

    assert reasons(load())["Shop"] == "It requires 'Shops', which is not there."


def test_modules_json_is_the_list_and_the_order(tmp_path: Path, add_module: AddModule, load: Load) -> None:
    add_module("A")
    add_module("B")
    add_module("C", {"Module.py": "1 / 0"})
    write_list(tmp_path, ["B", "A"])

    manager = load()

    assert ids(manager) == ["B", "A"]
    assert manager.set_aside == []  # C is not even loaded


def test_a_listed_module_that_is_broken_is_set_aside(tmp_path: Path, add_module: AddModule, load: Load) -> None:
    add_module("A")
    add_module("B", {"Module.py": "1 / 0"})
    add_module("C", require=["B"])
    write_list(tmp_path, ["B", "A", "C"])

    manager = load()

    assert ids(manager) == ["A"]
    assert reasons(manager).keys() == {"B", "C"}


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (["A", "Shoop"], "lists 'Shoop', which is not there. Did you mean 'Shop'?"),
        (["Shop", "A"], "puts 'Shop' before 'A', which 'Shop' requires."),
        (["Shop"], "lacks 'A', which 'Shop' requires."),
        (["A", "A"], "lists 'A' twice."),
        ({"A": 1}, "is to be a list of module ids"),
        (["A", 1], "is to be a list of module ids"),
    ],
)
def test_a_wrong_modules_json_is_an_error(
    tmp_path: Path, add_module: AddModule, load: Load, listed: object, message: str
) -> None:
    add_module("A")
    add_module("Shop", require=["A"])
    write_list(tmp_path, listed)

    with pytest.raises(ModuleError) as caught:
        load()

    assert str(caught.value).startswith(f"{tmp_path / 'data' / 'modules.json'} {message}")


def test_a_modules_json_that_is_no_json_is_an_error(tmp_path: Path, load: Load) -> None:
    write_list(tmp_path, [])
    (tmp_path / "data" / "modules.json").write_text("[")

    with pytest.raises(ModuleError, match=r"modules.json cannot be read: Expecting value"):
        load()


def write_list(root: Path, listed: object) -> None:
    (root / "data").mkdir()
    (root / "data" / "modules.json").write_text(json.dumps(listed))


NAMES = "ABCDE"


@given(st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from(NAMES))), min_size=5, max_size=5))
def test_the_order_keeps_every_requirement_and_leaves_out_none_that_can_load(drawn: list[tuple[int, set[str]]]) -> None:
    modules = [make(name, order, requires) for name, (order, requires) in zip(NAMES, drawn, strict=True)]

    ordered, set_aside = in_order(modules)

    placed: set[str] = set()
    for module in ordered:
        assert placed.issuperset(module.requires)
        placed.add(module.id)
    assert {item.module for item in set_aside} == set(NAMES) - placed
    assert not any(placed.issuperset(module.requires) for module in modules if module.id not in placed)


def make(name: str, order: int, requires: set[str]) -> Module:
    manifest = Manifest(requires=tuple(sorted(requires)))
    return Module(name, name, Path(name), manifest, order, AbstractModule(name, Path(name), manifest))
