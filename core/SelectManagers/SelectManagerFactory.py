"""Select managers by the names of entity types."""

from __future__ import annotations

from core.orm import ClassFinder, EntityManager
from core.SelectManagers.Base import Base


class SelectManagerFactory:
    """Makes the select manager of an entity type: `SelectManagers/<Entity>.py` of the latest module that has it."""

    def __init__(self, class_finder: ClassFinder, entity_manager: EntityManager) -> None:
        self._class_finder = class_finder
        self._entity_manager = entity_manager

    def create(self, entity_type: str) -> Base:
        """The select manager; raises Error for an unknown entity type, ModuleError where the class cannot be loaded."""
        select_manager = self._class_finder.find("SelectManagers", entity_type, Base)
        return select_manager(self._entity_manager.get_repository(entity_type))
