"""What a repository may do its own way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, false, select, true, update

from core import clock
from core.container import Container
from core.exceptions import BadRequest, Conflict, NotFound, NotUnique
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.entity_type import EntityType
from core.orm.manager import Manager


class RepositoryHooks:
    """The methods that a module's repository overrides, and what they work with.

    `before_...` may refuse by raising an error of `core.exceptions`; no transaction is open while they run, unless the
    caller opened one. `after_save` and `after_remove` run after the outermost commit; what they raise is logged.
    """

    def __init__(self, entity_type: EntityType, table: Table, entity_class: type[Entity], manager: Manager) -> None:
        self.type = entity_type
        self.table = table
        self.database = manager.database
        self._entity_class = entity_class
        self._manager = manager

    def get_entity_manager(self) -> Manager:
        """The entity manager, for other entities."""
        return self._manager

    def get_container(self) -> Container:
        """The container, for other services."""
        return self._manager.container

    def before_save(self, entity: Entity, options: Options) -> None:
        """Fill in and judge what the definitions cannot say; listeners of `before_save` were told before."""

    def after_save(self, entity: Entity, options: Options) -> None:
        """React to a save; listeners of `after_save` were told before."""

    def before_remove(self, entity: Entity, options: Options) -> None:
        """Judge whether the entity may go; listeners of `before_remove` were told before."""

    def after_remove(self, entity: Entity, options: Options) -> None:
        """React to a removal; listeners of `after_remove` were told before."""

    def before_relate(
        self, entity: Entity, link_name: str, foreign: Entity, data: Mapping[str, Any], options: Options
    ) -> None:
        """Judge whether two entities may be related; listeners of `before_relate` were told before."""

    def after_relate(
        self, entity: Entity, link_name: str, foreign: Entity, data: Mapping[str, Any], options: Options
    ) -> None:
        """React to a new relation; listeners of `after_relate` were told before."""

    def before_unrelate(
        self, entity: Entity, link_name: str, foreign: Entity, data: Mapping[str, Any], options: Options
    ) -> None:
        """Judge whether a relation may end; listeners of `before_unrelate` were told before."""

    def after_unrelate(
        self, entity: Entity, link_name: str, foreign: Entity, data: Mapping[str, Any], options: Options
    ) -> None:
        """React to the end of a relation; listeners of `after_unrelate` were told before."""

    def write_ids(self, entity: Entity, options: Options) -> None:
        """Relate and unrelate as an entity's lists of ids say (`categoriesIds`), in the transaction of its save."""

    def not_unique(self, entities: Sequence[Entity], error: NotUnique) -> NotUnique:
        """What to raise where a unique index has refused one of these; nothing of the save is in the database."""
        return error

    def check_row(self, entity: Entity, row: Mapping[str, Any]) -> None:
        """Look at what is about to be written (column -> value)."""

    def after_write(self, connection: Connection, entities: Sequence[Entity]) -> None:
        """The rows of these entities were written, in this transaction."""

    def update_row(self, connection: Connection, entity: Entity, values: Mapping[str, Any]) -> None:
        """Write the changed columns of one entity; raises NotFound if its row is gone."""
        statement = update(self.table).where(*self.living_row(entity.id)).values(values)
        if not connection.execute(statement).rowcount:
            raise NotFound(f"The {self.type.name} '{entity.id}' was deleted in the meantime.")

    def check_version(self, connection: Connection, entity: Entity) -> None:
        """Raise Conflict unless the row is still the one that was read; it stays so until the transaction ends."""
        stored = entity._stored or {}
        if "modified_at" not in stored:
            raise BadRequest(
                f"{self.type.name} '{entity.id}' was read without modifiedAt, so its version is not known."
            )
        statement = select(self.table.c.modified_at).where(*self.living_row(entity.id)).with_for_update()
        row = connection.execute(statement).first()
        if row is not None and row[0] != stored["modified_at"]:
            raise Conflict(f"{Conflict.__doc__} Read the {self.type.name} '{entity.id}' again, and repeat the change.")

    def remove_row(self, connection: Connection, entity_id: str) -> bool:
        """Mark a row as deleted; says whether it did."""
        values: dict[str, Any] = {"deleted": true()}
        if "modified_at" in self.table.c:
            values["modified_at"] = clock.now()
        statement = update(self.table).where(*self.living_row(entity_id), *self.removal_guard())
        return bool(connection.execute(statement.values(values)).rowcount)

    def delete_row(self, connection: Connection, entity_id: str) -> bool:
        """Delete a row for good, whether it is marked as deleted or not; says whether it did."""
        statement = delete(self.table).where(self.table.c.id == entity_id, *self.removal_guard())
        return bool(connection.execute(statement).rowcount)

    def removal_guard(self) -> tuple[ColumnElement[bool], ...]:
        """Further conditions under which a row may go."""
        return ()

    def living_row(self, entity_id: str) -> tuple[ColumnElement[bool], ...]:
        """The conditions for the row of this id, if it is not deleted."""
        return self.table.c.id == entity_id, self.table.c.deleted == false()
