"""The services of one application by name or class: made at first use, replaceable by modules, closed together."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from threading import RLock
from typing import Any, TypeVar, get_type_hints, overload

from core.exceptions import ContainerError, did_you_mean

T = TypeVar("T")
_NOTHING = object()


@dataclass(frozen=True)
class Recipe:
    """How a service is made, and whether everybody shares it."""

    make: Callable[[Container], Any]
    shared: bool
    #: The class that it is an instance of, where nothing but that is known to be made.
    cls: type[Any] | None = None


@dataclass(frozen=True)
class Dependency:
    """A constructor's parameter that a service of this class fills."""

    parameter: str
    cls: type[Any]
    has_default: bool


class Container:
    """Makes services when they are first asked for; who registers a name last has it.

    A class that nobody registered can be asked for as well: its constructor gets what its annotations name.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._is_closed = False
        self._aliases: dict[str, str] = {}
        self._recipes: dict[str, Recipe] = {}
        self._services: dict[str | type[Any], Any] = {"container": self}
        #: What `get` answered, by the very word: for each run of a job a handler is built.
        self._answers: dict[str | type[Any], Any] = {}
        self._made: list[Any] = []
        self._making: list[str | type[Any]] = []
        self._dependencies: dict[type[Any], tuple[Dependency, ...]] = {}
        self.set_alias(qualified_name(Container), "container")

    @overload
    def get(self, name: type[T], default: Any = ...) -> T: ...

    @overload
    def get(self, name: str, default: Any = ...) -> Any: ...

    def get(self, name: str | type[Any], default: Any = _NOTHING) -> Any:
        """The service of this name or class; for an unknown name the default, else ContainerError with a near one."""
        answer = self._answers.get(name, _NOTHING)  # in one step: another thread may make them all be forgotten
        if answer is not _NOTHING:
            return answer
        if self._is_closed and default is _NOTHING:
            raise ContainerError(f"The application is closed, and its service '{word(name)}' cannot be had any more.")
        with self._lock:
            key = self._resolve(name)
            if key in self._services:
                self._answers[name] = self._services[key]
                return self._services[key]
            recipe = self._recipe(key)
            if recipe is not None:
                return self._make(key, recipe)
        if default is _NOTHING:
            raise ContainerError(f"There is no service '{name}'.{did_you_mean(str(name), self._names())}")
        return default

    def has(self, name: str | type[Any]) -> bool:
        """Whether `get` answers from a registration or from what it has made before."""
        key = self._resolve(name)
        return key in self._services or key in self._recipes

    def set_service(self, name: str, service: Any) -> None:
        """This object is the service from now on; who gave it closes it."""
        with self._lock:
            self._forget(name)
            self._services[name] = service

    def set_factory(self, name: str, factory: Callable[[Container], Any], shared: bool = True) -> None:
        """The service is what the factory answers: once for all, or anew for each `get` where it is not shared."""
        with self._lock:
            self._forget(name)
            self._recipes[name] = Recipe(factory, shared)

    def set_class(self, name: str, cls: type[Any]) -> None:
        """The service is one instance of this class, which can be asked for by the class too."""
        self._aliases.setdefault(qualified_name(cls), name)
        with self._lock:
            self._forget(name)
            self._recipes[name] = Recipe(lambda container: container.build(cls), shared=True, cls=cls)

    def set_alias(self, alias: str, name: str) -> None:
        """Another word for a service.

        The alias may be the dotted name of a class (`core.metadata.metadata.Metadata`), so that a service can be had by
        its class though nothing has loaded it yet.
        """
        if self._resolve(name) == alias:
            raise ContainerError(f"The alias '{alias}' would stand for itself.")
        with self._lock:
            self._forget(alias)
            self._aliases[alias] = name

    def build(self, cls: type[T]) -> T:
        """A new instance, its constructor given services by the classes in its annotations.

        A parameter with a default keeps it unless its class is registered. Raises ContainerError for a parameter that
        no service fits.
        """
        arguments = {}
        for each in self._dependencies.get(cls) or self.learn(cls):  # every run of a job comes here
            if not each.has_default or self.has(each.cls):
                arguments[each.parameter] = self.get(each.cls)
        return cls(**arguments)

    def learn(self, cls: type[Any]) -> tuple[Dependency, ...]:
        """What the constructor wants, read once: `build` is quick then. Raises as `build` does."""
        if cls not in self._dependencies:  # reading annotations costs too much for each run of a job
            self._dependencies[cls] = dependencies_of(cls)
        return self._dependencies[cls]

    def judge(self, cls: type[Any]) -> None:
        """Raise as `build` would, for the classes that this one needs as well; nothing is made."""
        self._judge(cls, [], set())

    def _judge(self, cls: type[Any], path: list[type[Any]], judged: set[type[Any]]) -> None:
        if cls in path:
            raise _circle(path[path.index(cls) :])
        if cls in judged:
            return
        for each in dependencies_of(cls):
            needed = self._class_made_for(each)
            if needed is not None:
                self._judge(needed, [*path, cls], judged)
        judged.add(cls)

    def _class_made_for(self, dependency: Dependency) -> type[Any] | None:
        """The class of which an instance would be made; None for what is there, and for what a factory makes."""
        if dependency.has_default and not self.has(dependency.cls):
            return None
        key = self._resolve(dependency.cls)
        if key in self._services:
            return None
        if isinstance(key, str):
            recipe = self._recipes.get(key)
            return None if recipe is None else recipe.cls
        return key

    def close(self) -> None:
        """Close what the container made, the youngest first, and forget everything."""
        with self._lock, ExitStack() as closing:
            for service in self._made:
                if callable(getattr(service, "close", None)):
                    closing.callback(service.close)
            for memory in (self._aliases, self._recipes, self._services, self._answers, self._dependencies):
                memory.clear()
            self._made.clear()
            self._is_closed = True

    def _resolve(self, name: str | type[Any]) -> str | type[Any]:
        key = name
        if isinstance(name, type):
            key = self._aliases.get(qualified_name(name), name)
        while isinstance(key, str) and key in self._aliases:
            key = self._aliases[key]
        return key

    def _recipe(self, key: str | type[Any]) -> Recipe | None:
        if isinstance(key, str):
            return self._recipes.get(key)
        return Recipe(lambda container: container.build(key), shared=True)

    def _make(self, key: str | type[Any], recipe: Recipe) -> Any:
        if key in self._making:
            circle = " -> ".join(word(each) for each in [*self._making[self._making.index(key) :], key])
            raise ContainerError(f"Services need each other to be made: {circle}.")
        self._making.append(key)
        try:
            service = recipe.make(self)
        finally:
            self._making.pop()
        if recipe.shared:
            self._services[key] = service
            self._made.append(service)
        return service

    def _forget(self, name: str) -> None:
        # What was made from a former registration stays in `_made`: somebody may hold it, and it is to be closed.
        for memory in (self._aliases, self._recipes, self._services):
            memory.pop(name, None)
        self._answers.clear()

    def _names(self) -> list[str]:
        return [name for name in (*self._services, *self._recipes, *self._aliases) if isinstance(name, str)]


def _circle(classes: list[type[Any]]) -> ContainerError:
    # Whichever of them one comes from, it is the same fault, and is said once.
    first = classes.index(min(classes, key=qualified_name))
    names = [qualified_name(cls) for cls in [*classes[first:], *classes[:first], classes[first]]]
    return ContainerError(f"Services need each other to be made: {' -> '.join(names)}.")


def word(key: str | type[Any]) -> str:
    """How a message calls a service."""
    return key if isinstance(key, str) else qualified_name(key)


def qualified_name(cls: type[Any]) -> str:
    """The dotted name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def dependencies_of(cls: type[Any]) -> tuple[Dependency, ...]:
    """What a constructor wants; ContainerError for a parameter with neither a default nor a class as its annotation."""
    wanted = []
    hints = constructor_hints(cls)
    for parameter in _signature(cls).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        has_default = parameter.default is not parameter.empty
        hint = hints.get(parameter.name)
        if isinstance(hint, type) and hint.__module__ != "builtins":
            wanted.append(Dependency(parameter.name, hint, has_default))
        elif not has_default:
            raise ContainerError(
                f"{qualified_name(cls)} cannot be built: its parameter '{parameter.name}' has neither the class of a "
                "service as annotation nor a default."
            )
    return tuple(wanted)


def _signature(cls: type[Any]) -> inspect.Signature:
    try:
        return inspect.signature(cls)
    except ValueError as error:  # of some classes that are written in C
        raise ContainerError(
            f"{qualified_name(cls)} cannot be built: its constructor does not say what it takes."
        ) from error


def constructor_hints(cls: type[Any]) -> dict[str, Any]:
    """The annotations of a constructor, read; ContainerError where one names something that the file does not know."""
    try:
        return get_type_hints(cls.__init__)
    except NameError as error:
        raise ContainerError(
            f"{qualified_name(cls)} cannot be built: {error}. The container reads the annotations, so their classes "
            "are to be imported outside of `if TYPE_CHECKING`."
        ) from error
    except Exception as error:  # an annotation is a module's code, and may raise anything
        raise ContainerError(
            f"{qualified_name(cls)} cannot be built: its annotations cannot be read: {type(error).__name__}: {error}."
        ) from error
