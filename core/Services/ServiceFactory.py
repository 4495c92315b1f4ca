"""Services by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.container import dependencies_of
from core.exceptions import AtroError, ClassReferenceError, Error, did_you_mean
from core.metadata import Metadata
from core.module_manager import Module, load_class

OWN_FILES = ("__init__", "ServiceFactory")


class ServiceFactory:
    """Makes each service once: the class that metadata name in `app.services`, else that of `Services/<Name>.py`.

    Of several files the one of the latest module counts, and core's last.
    """

    def __init__(self, metadata: Metadata, modules: Sequence[Module], build: Callable[[type[Any]], Any]) -> None:
        self._metadata = metadata
        self._modules = modules
        self._build = build
        self._services: dict[str, Any] = {}

    def create(self, name: str) -> Any:
        """The service; Error with AtroCore's text and the near name where there is none."""
        if name not in self._services:
            self._services[name] = self._build(self._find(name))
        return self._services[name]

    def check(self) -> list[str]:
        """What is wrong with the services; loads them all, and makes none."""
        return [problem for name in dict.fromkeys(self._names()) if (problem := self._problem(name))]

    def _problem(self, name: str) -> str | None:
        try:
            dependencies_of(self._find(name))
        except AtroError as error:
            return str(error)
        return None

    def _find(self, name: str) -> type[Any]:
        reference = self._declared().get(name) or self._files().get(name)
        if reference is None:
            raise Error(f"Service '{name}' was not found.{did_you_mean(name, self._names())}")
        if not isinstance(reference, str):
            raise Error(f"Service '{name}' is {reference!r} in app/services.json; it is to be the name of a class.")
        try:
            return load_class(reference)
        except ClassReferenceError as error:
            raise Error(f"Service '{name}' {error}") from error

    def _files(self) -> dict[str, str]:
        places = [("core", Path(__file__).parents[1]), *((module.package, module.path) for module in self._modules)]
        return {
            file.stem: f"{package}.Services.{file.stem}"
            for package, path in places
            for file in (path / "Services").glob("*.py")
            if file.stem not in OWN_FILES
        }

    def _names(self) -> list[str]:
        return [*self._declared(), *self._files()]

    def _declared(self) -> dict[str, Any]:
        services = self._metadata.get(["app", "services"])
        return services if isinstance(services, dict) else {}
