"""What console commands extend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from core.container import Container

if TYPE_CHECKING:
    from core.config import Config
    from core.events import EventManager
    from core.language import Language
    from core.metadata import Metadata
    from core.orm import Entity, EntityManager
    from core.Services import ServiceFactory


class AbstractConsole(ABC):
    """Base of the class in `Console/<Name>.py`.

    The file imports nothing heavy at its top: services come through the getters.
    """

    #: A hidden command can be run, but is not listed.
    is_hidden = False

    def __init__(self, container: Container) -> None:
        self._container = container

    @staticmethod
    @abstractmethod
    def get_description() -> str:
        """A sentence for the list of commands."""

    @abstractmethod
    def run(self, params: dict[str, Any]) -> int | None:
        """Do it, with the values of the pattern's `<params>` and `--options`; answers the exit code, None for 0."""

    def get_container(self) -> Container:
        """All services, also those that modules bring."""
        return self._container

    def get_entity_manager(self) -> EntityManager:
        """Reads and saves entities."""
        manager: EntityManager = self._container.get("entityManager")
        return manager

    def get_metadata(self) -> Metadata:
        """What core and the modules declare."""
        metadata: Metadata = self._container.get("metadata")
        return metadata

    def get_event_manager(self) -> EventManager:
        """Tells listeners what happens."""
        manager: EventManager = self._container.get("eventManager")
        return manager

    def get_service_factory(self) -> ServiceFactory:
        """The services of `Services/<Name>.py`."""
        factory: ServiceFactory = self._container.get("serviceFactory")
        return factory

    def get_config(self) -> Config:
        """The settings of `data/config.py`."""
        config: Config = self._container.get("config")
        return config

    def get_language(self) -> Language:
        """Translations."""
        language: Language = self._container.get("language")
        return language

    def get_user(self) -> Entity | None:
        """The user on whose behalf the command runs."""
        user: Entity | None = self._container.get("user")
        return user
