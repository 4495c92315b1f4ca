"""What listeners extend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.container import Container

if TYPE_CHECKING:
    from core.config import Config
    from core.language import Language
    from core.metadata import Metadata
    from core.orm import Database, Entity, EntityManager
    from core.templating import Twig


class AbstractListener:
    """Base of the class in `Listeners/<Target>.py`; each public method of the subclass hears the event of its name.

    A listener is made when it is first told something, and lives as long as the process.
    """

    #: The methods of this class are getters, not events.
    is_listener_base = True

    def __init__(self, container: Container) -> None:
        self._container = container

    def get_container(self) -> Container:
        """All services, also those that modules bring."""
        return self._container

    def get_service(self, name: str) -> Any:
        """The service of `Services/<name>.py`."""
        return self._container.get("serviceFactory").create(name)

    def get_entity_manager(self) -> EntityManager:
        """Reads and saves entities."""
        manager: EntityManager = self._container.get("entityManager")
        return manager

    def get_config(self) -> Config:
        """The settings of `data/config.py`."""
        config: Config = self._container.get("config")
        return config

    def get_metadata(self) -> Metadata:
        """What core and the modules declare. Not for a listener of `Metadata`: they are being made then."""
        metadata: Metadata = self._container.get("metadata")
        return metadata

    def get_language(self) -> Language:
        """Translations."""
        language: Language = self._container.get("language")
        return language

    def get_user(self) -> Entity | None:
        """The user on whose behalf this happens."""
        user: Entity | None = self._container.get("user")
        return user

    def get_connection(self) -> Database:
        """The database, for statements of one's own."""
        database: Database = self._container.get("connection")
        return database

    def get_twig(self) -> Twig:
        """Renders templates."""
        twig: Twig = self._container.get("twig")
        return twig
