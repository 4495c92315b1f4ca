"""Services by name and by class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from core.container import Container
from core.exceptions import ContainerError

if TYPE_CHECKING:
    from decimal import Decimal


class Engine:
    pass


class Car:
    def __init__(self, engine: Engine, color: str = "red", container: Container | None = None) -> None:
        self.engine = engine
        self.color = color
        self.container = container


class Closing:
    def __init__(self, name: str, closed: list[str]) -> None:
        self.name = name
        self.closed = closed

    def close(self) -> None:
        self.closed.append(self.name)


@pytest.fixture
def container() -> Container:
    return Container()


def test_the_container_knows_itself_by_name_and_class(container: Container) -> None:
    assert container.get("container") is container
    assert container.get(Container) is container


def test_a_factory_makes_one_service_for_all_at_first_use(container: Container) -> None:
    container.set_factory("engine", lambda _: Engine())

    assert container.has("engine")
    assert container.get("engine") is container.get("engine")


def test_a_factory_that_is_not_shared_makes_one_each_time(container: Container) -> None:
    container.set_factory("user", lambda _: Engine(), shared=False)

    assert container.get("user") is not container.get("user")


def test_an_unknown_name_is_refused_with_the_near_one(container: Container) -> None:
    container.set_service("entityManager", Engine())

    with pytest.raises(ContainerError, match=r"no service 'entityManger'\. Did you mean 'entityManager'\?"):
        container.get("entityManger")


def test_an_unknown_name_is_the_default_where_one_is_given(container: Container) -> None:
    assert container.get("nothing", default=None) is None
    assert not container.has("nothing")


def test_a_later_registration_replaces_a_former_one_also_after_use(container: Container) -> None:
    container.set_factory("mailSender", lambda _: "core's")
    assert container.get("mailSender") == "core's"

    container.set_service("mailSender", "the module's")

    assert container.get("mailSender") == "the module's"


def test_a_registration_replaces_an_alias_of_the_same_name(container: Container) -> None:
    container.set_service("dbal", 1)
    container.set_alias("connection", "dbal")

    container.set_service("connection", 2)

    assert (container.get("dbal"), container.get("connection")) == (1, 2)


def test_an_alias_follows_what_replaces_its_service(container: Container) -> None:
    container.set_service("dbal", 1)
    container.set_alias("connection", "dbal")
    container.set_service("dbal", 2)

    assert container.get("connection") == 2
    assert container.has("connection")


def test_an_alias_for_itself_is_refused(container: Container) -> None:
    container.set_alias("a", "b")

    with pytest.raises(ContainerError, match="'b' would stand for itself"):
        container.set_alias("b", "a")


def test_a_service_can_be_had_by_a_class_that_its_alias_names(container: Container) -> None:
    container.set_alias(f"{__name__}.Engine", "engine")
    container.set_factory("engine", lambda _: Engine())

    assert container.get(Engine) is container.get("engine")
    assert container.get(Car).engine is container.get("engine")


def test_a_registered_class_can_be_had_by_name_and_class(container: Container) -> None:
    container.set_class("car", Car)

    assert container.get("car") is container.get(Car)


def test_who_asks_for_a_replaced_class_gets_what_replaces_it(container: Container) -> None:
    class Rocket(Engine):
        pass

    container.set_class("engine", Engine)
    container.set_class("engine", Rocket)

    assert isinstance(container.get(Car).engine, Rocket)


def test_a_class_that_nobody_registered_is_made_once_with_what_it_needs(container: Container) -> None:
    car = container.get(Car)

    assert car is container.get(Car)
    assert car.engine is container.get(Engine)
    assert car.color == "red"


def test_build_makes_a_new_instance_each_time(container: Container) -> None:
    assert container.build(Car) is not container.build(Car)
    assert container.build(Car).engine is container.build(Car).engine


def test_a_parameter_with_a_default_is_filled_where_its_class_is_registered(container: Container) -> None:
    class Garage:
        def __init__(self, container: Container = Container(), engine: Engine = Engine()) -> None:  # noqa: B008 - the case
            self.container = container
            self.engine = engine

    garage = container.build(Garage)

    assert garage.container is container
    assert garage.engine is not container.get(Engine)


def test_a_dataclass_is_built_as_any_class(container: Container) -> None:
    @dataclass
    class Wheels:
        engine: Engine
        number: int = 4

    Wheels.__init__.__globals__.setdefault("Engine", Engine)

    assert container.build(Wheels).engine is container.get(Engine)


class Plain:
    def __init__(self, name: str) -> None: ...


class Bare:
    def __init__(self, thing) -> None: ...  # type: ignore[no-untyped-def] # the case


class Hidden:
    def __init__(self, number: Decimal) -> None: ...


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (Plain, "Plain cannot be built: its parameter 'name' has neither the class of a service"),
        (Bare, "Bare cannot be built: its parameter 'thing' has neither the class of a service"),
        (Hidden, "Hidden cannot be built: name 'Decimal' is not defined"),
    ],
)
def test_a_class_that_cannot_be_built_says_which_parameter_is_to_blame(
    container: Container, cls: type[object], message: str
) -> None:
    with pytest.raises(ContainerError, match=message):
        container.build(cls)


def test_services_that_need_each_other_are_named(container: Container) -> None:
    container.set_factory("a", lambda c: c.get("b"))
    container.set_factory("b", lambda c: c.get("a"))

    with pytest.raises(ContainerError, match="a -> b -> a"):
        container.get("a")


def test_after_a_failure_the_service_can_be_tried_again(container: Container) -> None:
    answers: list[object] = []
    container.set_factory("late", lambda _: answers.pop())
    with pytest.raises(IndexError):
        container.get("late")
    answers.append("here")

    assert container.get("late") == "here"


def test_threads_share_one_service(container: Container) -> None:
    made: list[Engine] = []
    container.set_factory("engine", lambda _: made.append(Engine()) or made[-1])
    threads = [Thread(target=container.get, args=("engine",)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1


def test_what_was_made_is_closed_youngest_first(container: Container) -> None:
    closed: list[str] = []
    container.set_service("given", Closing("given", closed))
    container.set_factory("first", lambda _: Closing("first", closed))
    container.set_factory("second", lambda c: c.get("first") and Closing("second", closed))
    container.set_factory("unused", lambda _: Closing("unused", closed))
    container.get("second")

    container.close()

    assert closed == ["second", "first"]
    assert not container.has("first")


def test_a_service_that_fails_to_close_keeps_no_other_open(container: Container) -> None:
    class Stuck:
        def close(self) -> None:
            raise OSError("stuck")

    closed: list[str] = []
    container.set_factory("first", lambda _: Closing("first", closed))
    container.set_factory("stuck", lambda _: Stuck())
    container.get("first"), container.get("stuck")

    with pytest.raises(OSError, match="stuck"):
        container.close()
    assert closed == ["first"]


def test_a_closed_container_says_so(container: Container) -> None:
    container.set_factory("engine", lambda _: Engine())
    container.close()

    for name in ("engine", Engine):
        with pytest.raises(ContainerError, match=r"The application is closed, and its service '.*ngine' cannot"):
            container.get(name)
    assert container.get("engine", None) is None


def test_a_class_whose_constructor_says_nothing_of_itself_is_refused_by_name() -> None:
    with pytest.raises(ContainerError, match=r"datetime\.date cannot be built: its constructor does not say"):
        Container().get(date)
