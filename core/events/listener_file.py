"""One file `Listeners/<Target>.py`: loaded when its target is first of interest, and judged by the contracts."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

from core.container import dependencies_of
from core.events.contracts import wrong_action
from core.exceptions import ContainerError, EventError
from core.signature import wrong_method


@dataclass(frozen=True)
class ListenerFile:
    """A file of the module `owner`, importable as `import_name`; the target is the name of the file."""

    owner: str
    path: Path
    import_name: str

    @property
    def target(self) -> str:
        """What it listens to."""
        return self.path.stem

    def load(self) -> type[Any]:
        """The listener class; EventError where it does not fit its target, else whatever the import raises."""
        cls = getattr(importlib.import_module(self.import_name), self.target, None)
        if not isinstance(cls, type):
            raise EventError(f"The file has no class '{self.target}'.")
        for action in actions_of(cls):
            if problem := wrong_action(self.target, action) or wrong_method(cls, action, "event"):
                raise EventError(problem)
        if problem := _wrong_class(cls):
            raise EventError(problem)
        return cls


def actions_of(cls: type[Any]) -> list[str]:
    """The public methods of a listener, also inherited ones, but not those of a class that says `is_listener_base`."""
    bases = [base for base in cls.__mro__ if "is_listener_base" in vars(base)]
    inherited = {name for base in bases for name in vars(base)}
    return [
        name
        for name in dir(cls)
        if not name.startswith("_")
        and name not in inherited
        and isinstance(inspect.getattr_static(cls, name), FunctionType | staticmethod | classmethod)
    ]


def _wrong_class(cls: type[Any]) -> str | None:
    """Why the container could not build the listener when it is first told something."""
    if inspect.isabstract(cls):
        return f"'{cls.__name__}' is abstract: it lacks {', '.join(sorted(cls.__abstractmethods__))}."
    try:
        dependencies_of(cls)
    except ContainerError as error:
        return str(error)
    return None
