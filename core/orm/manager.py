"""What repositories and entities see of the EntityManager."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from core.container import Container
from core.events import EventManager
from core.orm.database import Database
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.relation import Types


class Manager(Protocol):
    """The EntityManager, for those that it makes."""

    database: Database
    event_manager: EventManager
    container: Container

    @property
    def schema(self) -> Types:
        """All entity types and their tables."""

    @property
    def user_id(self) -> str:
        """The id of the user on whose behalf things are done."""

    def get_entity(self, entity_type: str, entity_id: str) -> Entity | None:
        """The stored entity, or None."""

    def get_repository(self, entity_type: str) -> Any:
        """The repository of an entity type."""

    def save_entity(self, entity: Entity, options: Options | None = None) -> None:
        """Save one entity."""

    def save_entities(self, entities: Iterable[Entity], options: Options | None = None) -> None:
        """Save several in one transaction."""

    def remove_entity(self, entity: Entity, options: Options | None = None) -> None:
        """Remove an entity."""
