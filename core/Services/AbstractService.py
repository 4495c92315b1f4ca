"""What services extend for access to the common ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.container import Container

if TYPE_CHECKING:
    from core.config import Config
    from core.events import EventManager
    from core.language import Language
    from core.metadata import Metadata
    from core.orm import Entity, EntityManager


class AbstractService:
    """Base of the class in `Services/<Name>.py`; one instance serves everybody, so it keeps nothing of a call."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def get_container(self) -> Container:
        """All services, also those that modules bring."""
        return self._container

    def get_service(self, name: str) -> Any:
        """The service of `Services/<name>.py`, or of the entity of this name."""
        return self._container.get("serviceFactory").create(name)

    def get_entity_manager(self) -> EntityManager:
        """Reads and saves entities."""
        manager: EntityManager = self._container.get("entityManager")
        return manager

    def get_event_manager(self) -> EventManager:
        """Tells listeners what happens."""
        manager: EventManager = self._container.get("eventManager")
        return manager

    def get_metadata(self) -> Metadata:
        """What core and the modules declare."""
        metadata: Metadata = self._container.get("metadata")
        return metadata

    def get_config(self) -> Config:
        """The settings of `data/config.py`."""
        config: Config = self._container.get("config")
        return config

    def get_language(self) -> Language:
        """Translations."""
        language: Language = self._container.get("language")
        return language

    def get_user(self) -> Entity | None:
        """The user on whose behalf this happens."""
        user: Entity | None = self._container.get("user")
        return user
