"""How the tables of two entity types are joined by a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, Table, and_, false, select

from core.exceptions import MetadataError
from core.metadata.definitions import REFERENCE_DATA
from core.orm.entity_type import EntityType
from core.orm.link import Link

#: From a table (or an alias of it) to a condition on its rows.
Condition = Callable[[FromClause], ColumnElement[bool]]


class Types(Protocol):
    """All entity types with their tables."""

    def entity_type(self, name: str) -> EntityType:
        """The entity type; raises Error for one that is not in the database."""

    def table(self, name: str) -> Table:
        """Its table."""


class Relation:
    """A link of one entity type, with the tables that it goes through.

    Raises MetadataError where the definitions of the two sides do not fit together.
    """

    def __init__(self, types: Types, entity_type: EntityType, link: Link) -> None:
        self.link = link
        self.near_type = entity_type
        self.far_type = types.entity_type(link.entity)
        if REFERENCE_DATA in (entity_type.kind, self.far_type.kind):
            raise self._unfit("reference data is in a file, not in a table")
        self.far_table = types.table(link.entity)
        self._middle = None if link.middle is None else types.table(link.middle.entity)
        self._near_key, self._far_key = self._keys(types)

    def some(self, near: FromClause, condition: Condition) -> ColumnElement[bool]:
        """Whether the link leads from a row of `near` to an entity that is there and meets the condition.

        The other table is an alias of its own, so that a table may be linked to itself.
        """
        far = self.far_table.alias()
        found = select(1).where(far.c.deleted == false(), condition(far))
        if self._middle is not None and self.link.middle is not None:
            middle = self._middle.alias()
            found = found.where(self._joins(middle, near.c.id, far.c.id))
        elif self.link.leads_to_many:
            found = found.where(far.c[self._near_key] == near.c.id)
        else:
            found = found.where(near.c[self._near_key] == far.c.id)
        return found.correlate(near).exists()

    def value(self, near: FromClause, expression: Callable[[FromClause], ColumnElement[Any]]) -> ColumnElement[Any]:
        """What an expression gives for the entity that a belongsTo link leads to; NULL where there is none."""
        far = self.far_table.alias()
        found = select(expression(far)).where(near.c[self._near_key] == far.c.id, far.c.deleted == false())
        return found.correlate(near).scalar_subquery()

    def led_to_from(self, entity_id: str, far: FromClause) -> ColumnElement[bool]:
        """Whether a link to many leads from the entity with this id to a row of `far`."""
        if self._middle is None:
            return far.c[self._near_key] == entity_id
        middle = self._middle.alias()
        return far.c.id.in_(
            select(self._far_column(middle)).where(self._near_column(middle) == entity_id, _there(middle))
        )

    def _joins(
        self, middle: FromClause, near_id: ColumnElement[str], far_id: ColumnElement[str]
    ) -> ColumnElement[bool]:
        return and_(self._near_column(middle) == near_id, self._far_column(middle) == far_id, _there(middle))

    def _near_column(self, middle: FromClause) -> ColumnElement[str]:
        return middle.c[self._near_key]

    def _far_column(self, middle: FromClause) -> ColumnElement[str]:
        return middle.c[self._far_key]

    def _keys(self, types: Types) -> tuple[str, str]:
        """The column that holds an id of the near side (of a belongsTo: of the far one), and the middle's other one."""
        link = self.link
        if link.middle is not None:
            columns = types.entity_type(link.middle.entity).columns
            missing = [each for each in (link.middle.near, link.middle.far) if each not in columns]
            if missing:
                raise self._unfit(f"{link.middle.entity} has no attribute {', '.join(missing)}")
            return columns[link.middle.near], columns[link.middle.far]
        if not link.leads_to_many:
            return self.near_type.columns[link.attribute], "id"
        back = self.far_type.links.get(link.foreign or "")
        if back is None or back.leads_to_many or back.attribute not in self.far_type.columns:
            raise self._unfit(f"{link.entity} has no link '{link.foreign}' of type belongsTo")
        return self.far_type.columns[back.attribute], "id"

    def _unfit(self, why: str) -> MetadataError:
        return MetadataError(
            f"entityDefs/{self.near_type.name}.json: the link '{self.link.name}' leads nowhere: {why}."
        )


def middles(types: Types, entity_type: EntityType) -> Iterator[tuple[Table, str]]:
    """The middle tables of an entity type's relations, each with the column that holds its own ids."""
    for link in entity_type.links.values():
        if link.middle is not None:
            columns = types.entity_type(link.middle.entity).columns
            yield types.table(link.middle.entity), columns[link.middle.near]


def _there(middle: FromClause) -> ColumnElement[bool]:
    return middle.c.deleted == false()
