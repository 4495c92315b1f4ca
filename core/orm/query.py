"""A query as a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from sqlalchemy import ColumnElement, Row, Select, Table, and_, false, func, literal, select
from sqlalchemy.sql.elements import UnaryExpression

from core.exceptions import BadRequest
from core.orm.database import Database
from core.orm.entity import Entity
from core.orm.entity_type import EntityType
from core.orm.relation import Condition
from core.orm.where import Where

_NOT_GIVEN = object()
_DIRECTIONS = ("ASC", "DESC")
_GREATEST_LIMIT = 2**63 - 1


class QuerySource(Protocol):
    """What a query reads from."""

    @property
    def database(self) -> Database:
        """The database."""

    @property
    def table(self) -> Table:
        """The table of the entity type."""

    @property
    def type(self) -> EntityType:
        """The entity type."""

    def load(self, columns: Sequence[str], row: Row[Any]) -> Entity:
        """The entity that a row is."""


@dataclass(frozen=True)
class Query:
    """Which entities, in which order, and what of them. Each method answers a new query; only the last one reads.

    Deleted entities are left out unless a condition names `deleted` or `with_deleted()` was called.
    """

    source: QuerySource
    conditions: tuple[Any, ...] = ()
    ordering: tuple[tuple[str, str], ...] = ()
    selected: tuple[str, ...] = ()
    most: int | None = None
    includes_deleted: bool = False
    restrictions: tuple[Condition, ...] = ()

    def where(self, conditions: Mapping[str, Any] | Sequence[Any] | str, value: Any = _NOT_GIVEN) -> Self:
        """Only those that meet these conditions as well: a mapping, or a key and a value. See `core.orm.where`."""
        if isinstance(conditions, str):
            if value is _NOT_GIVEN:
                raise BadRequest(f"where({conditions!r}) lacks the value.")
            conditions = {conditions: value}
        return replace(self, conditions=(*self.conditions, conditions))

    def order(self, attribute: str = "id", direction: str = "ASC") -> Self:
        """Sorted by an attribute, after those named before; `ASC` or `DESC`."""
        if direction.upper() not in _DIRECTIONS:
            raise BadRequest(f"order by {attribute}: the direction is ASC or DESC, not {direction!r}.")
        self._column(attribute)
        return replace(self, ordering=(*self.ordering, (attribute, direction.upper())))

    def limit(self, most: int) -> Self:
        """At most so many; 0 is none."""
        if type(most) is not int or not 0 <= most <= _GREATEST_LIMIT:
            raise BadRequest(f"limit({most!r}): it takes a whole number, 0 or more.")
        return replace(self, most=most)

    def select(self, attributes: Sequence[str]) -> Self:
        """Read these attributes only, and the id; the others of the entities are None."""
        if isinstance(attributes, str):
            raise BadRequest(f"select({attributes!r}): it takes a list of attributes, such as [{attributes!r}].")
        for each in attributes:
            self._column(each)
        return replace(self, selected=tuple(attributes))

    def restricted(self, condition: Condition) -> Self:
        """Only those whose rows meet this condition of SQLAlchemy as well; it is given the table."""
        return replace(self, restrictions=(*self.restrictions, condition))

    def with_deleted(self) -> Self:
        """Deleted ones as well."""
        return replace(self, includes_deleted=True)

    def find(self, params: Mapping[str, Any] | None = None) -> list[Entity]:
        """The entities; `{"withDeleted": True}` includes deleted ones."""
        query = self._with(params)
        columns = query._columns()
        statement = query._limited(query._ordered(select(*(query.source.table.c[each] for each in columns))))
        with self.source.database.read() as connection:
            rows = connection.execute(statement).all()
        return [self.source.load(columns, row) for row in rows]

    def find_one(self, params: Mapping[str, Any] | None = None) -> Entity | None:
        """The first one, or None."""
        found = self.limit(1).find(params)
        return found[0] if found else None

    def count(self, params: Mapping[str, Any] | None = None) -> int:
        """How many there are; order and limit do not matter."""
        query = self._with(params)
        statement = query._filtered(select(func.count()).select_from(query.source.table))
        with self.source.database.read() as connection:
            return int(connection.execute(statement).scalar_one())

    def exists(self) -> bool:
        """Whether there is one."""
        statement = self._filtered(select(literal(1)).select_from(self.source.table)).limit(1)
        with self.source.database.read() as connection:
            return connection.execute(statement).first() is not None

    def iterate(self, batch_size: int = 1000) -> Iterator[Entity]:
        """One after the other in the order of their ids, read in batches, with no transaction open between them."""
        if self.ordering:
            raise BadRequest("iterate() goes in the order of the ids; leave order() out.")
        left, rest = self.most, self
        while left is None or left > 0:
            size = batch_size if left is None else min(batch_size, left)
            batch = rest.order("id").limit(size).find()
            yield from batch
            if len(batch) < size:
                return
            rest = self.where({"id>": batch[-1].id})
            left = None if left is None else left - size

    def _with(self, params: Mapping[str, Any] | None) -> Self:
        for name in params or {}:
            if name != "withDeleted":
                raise BadRequest(f"There is no parameter {name!r}; there is 'withDeleted'.")
        return self.with_deleted() if (params or {}).get("withDeleted") else self

    def _columns(self) -> Sequence[str]:
        columns = self.source.type.columns
        if not self.selected:
            return tuple(columns.values())
        return tuple(dict.fromkeys(("id", *(columns[each] for each in self.selected))))

    def _ordered(self, statement: Select[Any]) -> Select[Any]:
        return self._filtered(statement).order_by(*(self._by(*each) for each in self.ordering))

    def _limited(self, statement: Select[Any]) -> Select[Any]:
        return statement if self.most is None else statement.limit(self.most)

    def _filtered(self, statement: Select[Any]) -> Select[Any]:
        where = Where(self.source.type, self.source.table)
        condition = where.all_of(self.conditions)
        if not where.names_deleted and not self.includes_deleted:
            condition = and_(condition, self.source.table.c.deleted == false())
        return statement.where(condition, *(each(self.source.table) for each in self.restrictions))

    def _by(self, attribute: str, direction: str) -> UnaryExpression[Any]:
        column = self._column(attribute)
        return column.desc() if direction == "DESC" else column.asc()

    def _column(self, attribute: str) -> ColumnElement[Any]:
        name = self.source.type.columns.get(attribute)
        if name is None:
            raise self.source.type.unknown(attribute)
        return self.source.table.c[name]
