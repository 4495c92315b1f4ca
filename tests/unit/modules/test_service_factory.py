"""Services by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.container import Container
from core.exceptions import ContainerError, Error
from core.metadata import Layer, Metadata
from core.Services import ServiceFactory
from tests.unit.modules.conftest import AddModule, Load


def service(name: str, owner: str) -> dict[str, str]:
    return {f"Services/{name}.py": f"class {name}:\n    owner = '{owner}'\n"}


@pytest.fixture
def make(tmp_path: Path, load: Load) -> Any:
    """Makes the factory of the modules that were added, with what `app.services` says."""

    def make(**services: Any) -> ServiceFactory:
        file = tmp_path / "metadata" / "app" / "services.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(services))
        metadata = Metadata([Layer("core", file.parents[1])], tmp_path / "cache")
        return ServiceFactory(metadata, load().modules, Container())

    return make


def test_a_service_is_made_once_from_the_file_of_its_name(add_module: AddModule, make: Any) -> None:
    add_module("Shop", service("Cart", "Shop"))
    factory = make()

    assert factory.create("Cart").owner == "Shop"
    assert factory.create("Cart") is factory.create("Cart")


def test_the_latest_module_has_the_service(add_module: AddModule, make: Any) -> None:
    add_module("B", service("Cart", "B"), loadOrder=20)
    add_module("A", service("Cart", "A"), loadOrder=30)

    assert make().create("Cart").owner == "A"


def test_metadata_override_the_files(add_module: AddModule, make: Any) -> None:
    add_module("Shop", {**service("Cart", "Shop"), **service("Other", "another")})

    assert make(Cart=r"\Shop\Services\Other").create("Cart").owner == "another"


def test_a_service_gets_what_its_constructor_names(add_module: AddModule, make: Any) -> None:
    code = """
        from core.container import Container

        class Cart:
            def __init__(self, container: Container):
                self.container = container
    """
    add_module("Shop", {"Services/Cart.py": code})

    assert isinstance(make().create("Cart").container, Container)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Crat", "Service 'Crat' was not found. Did you mean 'Cart'?"),
        ("ServiceFactory", "Service 'ServiceFactory' was not found."),
        ("../Module", "Service '../Module' was not found."),
        ("Broken", "Service 'Broken' cannot be imported: {file}, line 1: ZeroDivisionError: division by zero"),
        ("Number", "Service 'Number' is not a class"),
    ],
)
def test_a_service_that_cannot_be_had_is_named(add_module: AddModule, make: Any, name: str, message: str) -> None:
    broken = {"Services/Broken.py": "1 / 0", "Services/Number.py": "Number = 1"}
    folder = add_module("Shop", {**service("Cart", "Shop"), **broken})

    with pytest.raises(Error) as caught:
        make().create(name)

    assert str(caught.value) == message.format(file=folder / "Services" / "Broken.py")


def test_all_services_that_cannot_be_had_are_named(add_module: AddModule, make: Any) -> None:
    needs = "class Needs:\n    def __init__(self, price): pass"
    add_module("Shop", {**service("Cart", "Shop"), "Services/Number.py": "Number = 1", "Services/Needs.py": needs})

    problems = make(Lost=r"\Shop\Services\Lost", Five=5, Cart=r"\Shop\Services\Cart").check()

    assert [problem.partition(":")[0] for problem in sorted(problems)] == [
        "Service 'Five' is 5 in app/services.json; it is to be the name of a class.",
        "Service 'Lost' cannot be imported",
        "Service 'Number' is not a class",
        "Shop.Services.Needs.Needs cannot be built",
    ]


def test_services_that_need_each_other_are_told_once(add_module: AddModule, make: Any) -> None:
    def needing(name: str, other: str) -> str:
        needs = f"from Shop.Services import {other}\n"
        return f"{needs}class {name}:\n    def __init__(self, other: '{other}.{other}') -> None: pass\n"

    files = {f"Services/{name}.py": needing(name, other) for name, other in (("A", "B"), ("B", "C"), ("C", "B"))}
    add_module("Shop", files)
    factory = make()

    circle = "Services need each other to be made: Shop.Services.B.B -> Shop.Services.C.C -> Shop.Services.B.B."
    assert set(factory.check()) == {circle}
    with pytest.raises(ContainerError, match="Services need each other"):
        factory.create("B")


def test_a_class_that_a_service_needs_is_judged_as_well(add_module: AddModule, make: Any) -> None:
    code = """
        class Price:
            def __init__(self, amount): pass


        class Cart:
            def __init__(self, price: Price) -> None: pass
    """
    add_module("Shop", {"Services/Cart.py": code})

    [problem] = make().check()

    assert problem.startswith("Shop.Services.Cart.Price cannot be built: its parameter 'amount' has neither")
