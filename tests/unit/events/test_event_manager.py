"""Who is told what, and in which order."""

from __future__ import annotations

import logging
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.container import Container
from core.events import Event, EventManager
from core.exceptions import EventError

AddListener = Callable[..., Path]

HEARS = """
    class {target}:
        def {action}(self, event):
            event.get_argument("heard").append(__name__)
"""


@pytest.fixture
def manager() -> EventManager:
    return EventManager(Container().build)


@pytest.fixture
def add_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: EventManager) -> AddListener:
    """Writes `<module>/Listeners/<target>.py` and hands the directory to the manager; the code hears `action`."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def add(
        module: str, target: str, action: str = "after_save", code: str = HEARS, to: EventManager = manager
    ) -> Path:
        file = tmp_path / module / "Listeners" / f"{target}.py"
        file.parent.mkdir(parents=True)
        file.write_text(textwrap.dedent(code).format(target=target, action=action))
        to.add_directory(module, file.parent, f"{module}.Listeners")
        return file

    return add


def heard(manager: EventManager, target: str, action: str) -> list[str]:
    return list(manager.dispatch(target, action, Event({"heard": []})).get_argument("heard"))


def test_without_listeners_an_event_comes_back_as_it_was(manager: EventManager, tmp_path: Path) -> None:
    manager.add_directory("Shop", tmp_path / "missing", "Shop.Listeners")
    event = Event({"a": 1})

    assert manager.dispatch("JobEntity", "after_save", event) is event
    assert manager.dispatch("JobEntity", "after_save").get_arguments() == {}
    assert not manager.has_listeners("JobEntity", "after_save")


def test_listeners_hear_in_the_order_in_which_their_modules_came(
    manager: EventManager, add_listener: AddListener
) -> None:
    add_listener("Z", "JobEntity")
    add_listener("A", "JobEntity")
    add_listener("B", "UserEntity")

    assert heard(manager, "JobEntity", "after_save") == ["Z.Listeners.JobEntity", "A.Listeners.JobEntity"]


def test_only_the_method_of_the_event_s_name_hears_it(manager: EventManager, add_listener: AddListener) -> None:
    add_listener("Shop", "JobEntity")

    assert manager.has_listeners("JobEntity", "after_save")
    assert not manager.has_listeners("JobEntity", "before_save")
    assert heard(manager, "JobEntity", "before_save") == []


def test_a_target_of_a_module_s_own_may_have_any_action(manager: EventManager, add_listener: AddListener) -> None:
    add_listener("Shop", "Checkout", "paid")

    assert heard(manager, "Checkout", "paid") == ["Shop.Listeners.Checkout"]
    assert manager.set_aside == []


def test_a_file_is_loaded_when_its_target_is_first_asked_about(
    manager: EventManager, add_listener: AddListener
) -> None:
    add_listener("Shop", "JobEntity")

    manager.has_listeners("UserEntity", "after_save")
    assert "Shop.Listeners.JobEntity" not in sys.modules

    manager.has_listeners("JobEntity", "before_save")
    assert "Shop.Listeners.JobEntity" in sys.modules


def test_one_instance_hears_all_events_and_is_built_by_the_container(
    manager: EventManager, add_listener: AddListener
) -> None:
    code = """
        from core.container import Container
        from core.Listeners import AbstractListener

        class JobEntity(AbstractListener):
            def after_save(self, event):
                event.get_argument("heard").append((id(self), type(self.get_container())))
    """
    add_listener("Shop", "JobEntity", code=code)

    assert heard(manager, "JobEntity", "after_save") == heard(manager, "JobEntity", "after_save")
    assert not manager.has_listeners("JobEntity", "get_container")


def test_inherited_methods_of_a_base_of_one_s_own_hear_too(manager: EventManager, add_listener: AddListener) -> None:
    code = """
        from core.Listeners import AbstractListener

        class _Base(AbstractListener):
            def after_save(self, event):
                event.get_argument("heard").append("base")

        class JobEntity(_Base):
            pass
    """
    add_listener("Shop", "JobEntity", code=code)

    assert heard(manager, "JobEntity", "after_save") == ["base"]
    assert manager.set_aside == []


def test_abstract_and_private_files_are_no_listeners(
    tmp_path: Path, manager: EventManager, add_listener: AddListener
) -> None:
    file = add_listener("Shop", "AbstractEntity")
    file.with_name("_helper.py").touch()
    file.with_name("__init__.py").touch()

    assert manager.check() == []
    assert not manager.has_listeners("AbstractEntity", "after_save")


def test_what_a_listener_raises_says_where_it_comes_from(manager: EventManager, add_listener: AddListener) -> None:
    add_listener("Shop", "JobEntity", code="class JobEntity:\n    def before_save(self, event):\n         1 / 0")

    with pytest.raises(ZeroDivisionError) as caught:
        manager.dispatch("JobEntity", "before_save")

    assert caught.value.__notes__ == ["raised by Shop.Listeners.JobEntity.before_save (module Shop)"]


@pytest.mark.parametrize(
    ("target", "code", "line", "reason"),
    [
        ("Job", "\n1 / 0", 2, "ZeroDivisionError: division by zero"),
        ("Job", "class Job(:", 1, "SyntaxError: invalid syntax"),
        ("Job", "Job = 1", None, "The file has no class 'Job'."),
        ("Entitiy", "", None, "There is no event target 'Entitiy'. Did you mean 'Entity'?"),
        (
            "JobEntity",
            "class JobEntity:\n  def befor_save(self, event): pass",
            None,
            "JobEntity has no event 'befor_save'. Did you mean 'before_save'?",
        ),
        (
            "JobEntity",
            "class JobEntity:\n  def before_save(self): pass",
            None,
            "'before_save' has to take one argument, the event: too many positional arguments.",
        ),
        (
            "JobEntity",
            "class JobEntity:\n  async def before_save(self, event): pass",
            None,
            "'before_save' is async, and nobody awaits it: write it without async; asyncio.run() is allowed inside.",
        ),
        (
            "JobEntity",
            "class JobEntity:\n  def __init__(self, price): pass\n  def before_save(self, event): pass",
            None,
            "Shop.Listeners.JobEntity.JobEntity cannot be built: its parameter 'price' has neither the class of a "
            "service as annotation nor a default.",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_set_aside_with_a_warning(
    manager: EventManager,
    add_listener: AddListener,
    caplog: pytest.LogCaptureFixture,
    target: str,
    code: str,
    line: int | None,
    reason: str,
) -> None:
    with caplog.at_level(logging.WARNING, "atro"):
        file = add_listener("Shop", target, code=code)
        [item] = manager.check()

    assert (item.module, item.file, item.line, item.reason) == ("Shop", file, line, reason)
    assert f"A listener of the module 'Shop' is set aside: {item}" in caplog.text


def test_a_misspelt_target_is_noticed_though_nobody_asks_about_it(
    manager: EventManager, add_listener: AddListener
) -> None:
    file = add_listener("Shop", "Metadat", "modify")

    assert [str(item) for item in manager.set_aside] == [
        f"{file}: There is no event target 'Metadat'. Did you mean 'Metadata'?"
    ]


def test_the_listeners_beside_a_broken_one_still_hear(manager: EventManager, add_listener: AddListener) -> None:
    add_listener("Broken", "JobEntity", code="1 / 0")
    add_listener("Shop", "JobEntity")

    assert heard(manager, "JobEntity", "after_save") == ["Shop.Listeners.JobEntity"]


def test_a_strict_manager_raises_instead(add_listener: AddListener) -> None:
    strict = EventManager(Container().build, strict=True)
    file = add_listener("Shop", "JobEntity", "befor_save", to=strict)

    with pytest.raises(EventError) as caught:
        strict.dispatch("JobEntity", "before_save")

    assert str(caught.value) == f"{file}: JobEntity has no event 'befor_save'. Did you mean 'before_save'?"


def test_an_event_and_its_whole_name_mean_the_same(manager: EventManager, add_listener: AddListener) -> None:
    add_listener("Shop", "Checkout", "paid")
    event = Event({"heard": []})

    assert manager.dispatch(event, "Checkout.paid") is event
    assert event.get_argument("heard") == ["Shop.Listeners.Checkout"]


@pytest.mark.parametrize("arguments", [(Event(), "paid"), (Event(), "Checkout.paid", Event()), (5, "Checkout.paid")])
def test_what_is_neither_form_of_dispatch_is_refused(manager: EventManager, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(EventError, match=r"an Event and 'Target\.action'"):
        manager.dispatch(*arguments)


def test_listeners_of_entities_that_do_not_exist_are_named(manager: EventManager, add_listener: AddListener) -> None:
    file = add_listener("Shop", "ManufactuerEntity")
    add_listener("Other", "ManufacturerEntity")
    add_listener("Third", "Entity")

    assert manager.wrong_entities(["Manufacturer"]) == [
        f"{file}: there is no entity 'Manufactuer' to listen to. Did you mean 'Manufacturer'?"
    ]
