"""The entities of a relation's middle table."""

from __future__ import annotations

from sqlalchemy import Connection

from core.exceptions import BadRequest
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.repository import Repository


class RelationRepository(Repository):
    """Base of the repositories of entities of type Relation. A relation that ends leaves nothing behind to restore.

    In the relation of a Hierarchy nobody becomes his own ancestor.
    """

    def before_save(self, entity: Entity, options: Options) -> None:
        """Refuse a circle; raises BadRequest."""
        child, parent = self.type.links.get("entity"), self.type.links.get("parent")
        if child is not None and parent is not None and child.entity == parent.entity:
            self._refuse_circle(child.entity, entity.get(child.attribute), entity.get(parent.attribute))

    def remove_row(self, connection: Connection, entity_id: str) -> bool:
        """Delete the row for good; says whether it did."""
        return self.delete_row(connection, entity_id)

    def _refuse_circle(self, entity_type: str, child: str, parent: str) -> None:
        ancestors, level = {parent}, [parent]
        while level and child not in ancestors:
            above = self.where({"entityId": level}).select(["parentId"]).find()
            level = [each for each in {row.get("parentId") for row in above} if each not in ancestors]
            ancestors.update(level)
        if child in ancestors:
            raise BadRequest(
                f"The {entity_type} '{child}' cannot have '{parent}' as parent: it would be its own ancestor."
            )
