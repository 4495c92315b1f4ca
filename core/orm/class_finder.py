"""Entity and repository classes, found by the names of their files."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from core.exceptions import ModuleError

T = TypeVar("T")


class ClassFinder:
    """Looks for `<folder>/<Name>.py` in core and the modules; the latest one has it.

    `packages` are (import name, path), core's first, then the modules' in load order.
    """

    def __init__(self, packages: Sequence[tuple[str, Path]]) -> None:
        self._packages = packages

    def find(self, folder: str, name: str, base: type[T]) -> type[T]:
        """The class of the latest package that has the file, else `base`; raises ModuleError if it cannot be had."""
        for package, path in reversed(self._packages):
            file = path / folder / f"{name}.py"
            if file.is_file():
                return _load(f"{package}.{folder}.{name}", name, file, base)
        return base


def _load(module: str, name: str, file: Path, base: type[T]) -> type[T]:
    try:
        found = getattr(importlib.import_module(module), name, None)
    except Exception as error:  # a module's file may raise anything while it is loaded
        raise ModuleError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(found, type) or not issubclass(found, base):
        raise ModuleError(f"{file} has no class '{name}' that is a {base.__module__}.{base.__qualname__}.")
    return found
