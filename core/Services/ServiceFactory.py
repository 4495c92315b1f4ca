"""Services by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.container import Container
from core.exceptions import AtroError, ClassReferenceError, Error, NotFound, did_you_mean
from core.metadata import Metadata
from core.module_manager import Module, load_class
from core.Services.Record import Record

#: What in core's folder is no service, but what services are made of.
_BASES = ("__init__", "AbstractRecord", "AbstractService", "Record", "ServiceFactory")


class ServiceFactory:
    """Makes each service once: the class that metadata name in `app.services`, else that of `Services/<Name>.py`.

    Of several files the one of the latest module counts, and core's last. An entity type without any gets a Record.
    """

    def __init__(self, metadata: Metadata, modules: Sequence[Module], container: Container) -> None:
        self._metadata = metadata
        self._modules = modules
        self._container = container
        self._services: dict[str, Any] = {}

    def create(self, name: str) -> Any:
        """The service; Error with AtroCore's text and the near name where there is none."""
        if name not in self._services:
            service = self._container.build(self._find(name))
            if isinstance(service, Record):
                service.entity_type = name
            self._services[name] = service
        return self._services[name]

    def create_record(self, entity_type: str) -> Record:
        """The record service of an entity type; NotFound for an unknown one, Error where its service is another one."""
        if not self._is_entity(entity_type):
            raise NotFound(f"There is no entity '{entity_type}'.{did_you_mean(entity_type, self._entities())}")
        service = self.create(entity_type)
        if not isinstance(service, Record):
            raise Error(_no_record(entity_type))
        return service

    def check(self) -> list[str]:
        """What is wrong with the services; loads them all, and makes none."""
        return [problem for name in dict.fromkeys(self._names()) if (problem := self._problem(name))]

    def _problem(self, name: str) -> str | None:
        try:
            found = self._find(name)
            self._container.judge(found)
        except AtroError as error:
            return str(error)
        return _no_record(name) if self._is_entity(name) and not issubclass(found, Record) else None

    def _find(self, name: str) -> type[Any]:
        reference = self._declared().get(name) or self._files().get(name)
        if reference is None and self._is_entity(name):
            return Record
        if reference is None:
            near = did_you_mean(name, [*self._names(), *self._entities()])
            raise Error(f"Service '{name}' was not found.{near}")
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
            if file.stem not in (_BASES if package == "core" else ("__init__",))
        }

    def _is_entity(self, name: str) -> bool:
        return bool(self._metadata.get(["scopes", name, "entity"], False))

    def _entities(self) -> list[str]:
        scopes = self._metadata.get(["scopes"], {})
        return [name for name in scopes if self._is_entity(name)] if isinstance(scopes, dict) else []

    def _names(self) -> list[str]:
        return [*self._declared(), *self._files()]

    def _declared(self) -> dict[str, Any]:
        services = self._metadata.get(["app", "services"])
        return services if isinstance(services, dict) else {}


def _no_record(name: str) -> str:
    return (
        f"The service '{name}' has the name of an entity, and is no record service: let it extend core.Services.Record."
    )
