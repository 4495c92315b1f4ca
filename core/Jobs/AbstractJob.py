"""What jobs extend for access to the common services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.container import Container
from core.log import logger

if TYPE_CHECKING:
    from core.config import Config
    from core.Entities import Job
    from core.events import EventManager
    from core.language import Language
    from core.memory_storage import MemoryStorage
    from core.metadata import Metadata
    from core.orm import Entity, EntityManager
    from core.Services import ServiceFactory
    from core.templating import Twig


class AbstractJob:
    """Base of the class in `Jobs/<Name>.py`, beside JobInterface."""

    def __init__(self, container: Container) -> None:
        self._container = container

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

    def get_memory_storage(self) -> MemoryStorage:
        """What is remembered until the job ends."""
        storage: MemoryStorage = self._container.get("memoryStorage")
        return storage

    def get_user(self) -> Entity | None:
        """The user on whose behalf the job runs."""
        user: Entity | None = self._container.get("user")
        return user

    def twig(self) -> Twig:
        """Renders templates."""
        twig: Twig = self._container.get("twig")
        return twig

    def translate(self, label: str, category: str = "labels", scope: str = "Global") -> str:
        """A text in the user's language, or the label itself."""
        return self.get_language().translate(label, category, scope)

    def create_notification(self, job: Job, message: str) -> None:
        """Tell the owner of the job something; where the system user owns it, nobody.

        Without an entity `Notification` the message goes to the log.
        """
        owner_id = job.get("ownerUserId")
        if not owner_id or owner_id == self.get_config().get("systemUserId"):
            return
        if self.get_metadata().get(["scopes", "Notification"]) is None:
            logger.info("For user %s: %s", owner_id, message)
            return
        manager = self.get_entity_manager()
        notification = manager.get_entity("Notification")
        notification.set(
            {"type": "Message", "relatedType": "Job", "relatedId": job.id, "message": message, "userId": owner_id}
        )
        manager.save_entity(notification)
