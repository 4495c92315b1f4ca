"""A module's public methods are hooks, and nothing else."""

from __future__ import annotations

import pytest

from core.container import Container
from tests.unit.modules.conftest import AddModule, Load


def module_with(*methods: str) -> dict[str, str]:
    body = "\n".join(f"    {line}" for method in methods for line in method.splitlines())
    code = f"from core.module_manager import AbstractModule\nclass Module(AbstractModule):\n    x = 1\n{body}\n"
    return {"Module.py": code}


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("def on_laod(self): pass", "Module has a method 'on_laod', which is no hook. Did you mean 'on_load'?"),
        ("@staticmethod\ndef help(): pass", "Module has a method 'help', which is no hook. Begin the names"),
        (
            "def on_load(self, contaner): pass",
            "'on_load' has a parameter 'contaner', which it is not given. Did you mean 'container'?",
        ),
        (
            "@property\ndef get_load_order(self): return 3",
            "'get_load_order' is a property, and has to be a method: def",
        ),
        ("get_console_commands = {}", "'get_console_commands' is a dict, and has to be a method: def"),
        ("async def on_load(self): pass", "'on_load' is async, and nobody awaits it"),
    ],
)
def test_what_no_hook_knows_is_refused(add_module: AddModule, load: Load, method: str, reason: str) -> None:
    folder = add_module("Shop", module_with(method))

    [item] = load().set_aside

    assert reason in item.reason
    assert item.file == folder / "Module.py"


@pytest.mark.parametrize(
    "method",
    [
        "def _own(self): pass",
        "@property\ndef price(self): raise OSError",
        "price = {}.get",
        "@staticmethod\ndef get_load_order(): return 3",
        "def on_load(self): pass",
        "def on_load(self, container): pass",
    ],
)
def test_private_methods_and_hooks_are_accepted(add_module: AddModule, load: Load, method: str) -> None:
    add_module("Shop", module_with(method))

    assert load().set_aside == []


def test_on_load_is_called_in_load_order_with_the_container(add_module: AddModule, load: Load) -> None:
    note = "def on_load(self, container):\n    container.get('calls').append(self.id)"
    add_module("B", module_with(note), loadOrder=5)
    add_module("C", module_with("def get_load_order(self): return 7"))
    add_module("A", module_with(note), loadOrder=9)
    container, calls = Container(), []
    container.set_service("calls", calls)

    load().load(container)

    assert calls == ["B", "A"]


def test_a_module_knows_itself(add_module: AddModule, load: Load) -> None:
    path = add_module(
        "Shop", module_with("def get_console_commands(self): return {self.manifest.name: self.id}"), name="S"
    )

    instance = load().modules[0].instance

    assert instance.get_console_commands() == {"S": "Shop"}
    assert instance.path == path


def test_hooks_that_are_not_overridden_have_defaults(add_module: AddModule, load: Load) -> None:
    add_module("Shop")

    assert load().modules[0].instance.get_console_commands() == {}
