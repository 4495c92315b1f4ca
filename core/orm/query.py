"""A query as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam, false, func, literal, select

from core.exceptions import BadRequest
from core.orm.aggregate import Aggregates
from core.orm.condition_tree import Conditions
from core.orm.cursor import from_cursor, to_cursor
from core.orm.database import Database
from core.orm.entity import Entity
from core.orm.entity_type import EntityType
from core.orm.ordering import OrderKey, complete, read_order
from core.orm.relation import Condition
from core.orm.row_reader import Row, RowReader
from core.orm.sorted_rows import Marks, Part, Position, first_rows, marks_of, parts_of, values_at
from core.orm.statement_cache import StatementCache
from core.orm.term import Terms
from core.orm.where import read_where

_NOT_GIVEN = object()
_GREATEST_LIMIT = 2**63 - 1
_LARGEST_PAGE = 10_000
#: From what adds conditions to a statement to the whole statement.
_Build = Callable[[Callable[[Select[Any]], Select[Any]]], Select[Any]]
_LIMIT = bindparam("most", type_=BigInteger())


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

    @property
    def terms(self) -> Terms:
        """What the words in conditions mean."""

    @property
    def statements(self) -> StatementCache:
        """The statements of former queries."""

    def reader(self, attributes: tuple[str, ...]) -> RowReader:
        """What reads rows with these attributes; of all of them where none is named."""

    def load_all(self, rows: Sequence[dict[str, Any]]) -> list[Entity]:
        """The entities that rows are."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entities, and the cursor of the page after this one; None where there is none."""

    entities: list[Entity]
    next_cursor: str | None


@dataclass(frozen=True)
class Query:
    """Which entities, in which order, and what of them. Each method answers a new query; only the last one reads.

    Deleted entities are left out unless a condition names `deleted` or `with_deleted()` was called.
    """

    source: QuerySource
    conditions: tuple[Any, ...] = ()
    ordering: tuple[OrderKey, ...] = ()
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

    def order(self, keys: str | Sequence[Any] = "id", direction: str = "ASC") -> Self:
        """Sorted by a key, after those named before: an attribute, also over links to one, or in functions.

        Several are given as a list of names and of (name, direction); a direction is `ASC` or `DESC`. NULL comes first
        where it goes up.
        """
        added = read_order(self.source.terms, keys, direction)
        return replace(self, ordering=(*self.ordering, *added))

    def limit(self, most: int) -> Self:
        """At most so many; 0 is none."""
        return replace(self, most=_whole("limit", most, 0, _GREATEST_LIMIT))

    def select(self, attributes: Sequence[str]) -> Self:
        """Read these attributes only, and the id; the others of the entities are None."""
        if isinstance(attributes, str):
            raise BadRequest(f"select({attributes!r}): it takes a list of attributes, such as [{attributes!r}].")
        for each in attributes:
            if each not in self.source.type.columns:
                raise self.source.type.unknown(each)
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
        reader = self.source.reader(self.selected)
        statement, values = query._prepared("find", lambda where: query._listed(where(reader.select)))
        with self.source.database.read() as connection:
            rows = reader.rows(connection, statement, values)
        return self.source.load_all(rows)

    def find_one(self, params: Mapping[str, Any] | None = None) -> Entity | None:
        """The first one, or None."""
        found = self.limit(1).find(params)
        return found[0] if found else None

    def page(self, size: int, after: str | None = None) -> Page:
        """The first entities, or those after a cursor, and the cursor of the next page.

        Where an index has the order a page costs the same wherever it is. Raises BadRequest for a cursor of another
        entity type or another order, and for what is none.
        """
        if self.most is not None:
            raise BadRequest("page() has a size of its own; leave limit() out.")
        _whole("page", size, 1, _LARGEST_PAGE)
        order = self._whole_order()
        position = None if after is None else from_cursor(self.source.type.name, order, after)
        entities, ends = self._from(position, size + 1)
        if len(entities) <= size:
            return Page(entities, None)
        return Page(entities[:size], to_cursor(self.source.type.name, order, ends[size - 1]))

    def iterate(self, batch_size: int = 1000) -> Iterator[Entity]:
        """One after the other, sorted by the id last, read in batches, with no transaction open between them."""
        _whole("iterate", batch_size, 1, _GREATEST_LIMIT)
        left, position = self.most, None
        while left is None or left > 0:
            size = batch_size if left is None else min(batch_size, left)
            entities, ends = self._from(position, size)
            yield from entities
            if len(entities) < size:
                return
            position = ends[-1]
            left = None if left is None else left - size

    def count(self, params: Mapping[str, Any] | None = None) -> int:
        """How many there are; order and limit do not matter."""
        table = self.source.table
        statement, values = self._with(params)._prepared(
            "count", lambda where: where(select(func.count()).select_from(table))
        )
        with self.source.database.read() as connection:
            return int(connection.execute(statement, values).scalar_one())

    def exists(self) -> bool:
        """Whether there is one."""
        table = self.source.table
        statement, values = self._prepared(
            "exists", lambda where: where(select(literal(1)).select_from(table)).limit(1)
        )
        with self.source.database.read() as connection:
            return connection.execute(statement, values).first() is not None

    def aggregate(
        self,
        values: Mapping[str, str],
        group_by: Sequence[str] = (),
        having: Mapping[str, Any] | Sequence[Any] = (),
        order: str | Sequence[Any] = (),
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """What is counted and summed up, for each group: `{"n": "COUNT:id", "total": "SUM:amount"}`.

        `having` and `order` know the names in `values` and `group_by`, and other aggregates. See
        `core.orm.aggregate`.
        """
        if self.ordering or self.most is not None or self.selected:
            raise BadRequest("aggregate() takes order and limit as arguments, and no select.")
        if limit is not None:
            _whole("aggregate limit", limit, 0, _GREATEST_LIMIT)
        aggregates = Aggregates(self.source.terms, self.source.table, values, group_by)
        statement = self.filtered(aggregates.statement(having, order)).limit(limit)
        with self.source.database.read() as connection:
            return aggregates.read(connection, statement)

    def filtered(self, statement: Select[Any]) -> Select[Any]:
        """The statement with the conditions of this query."""
        read = read_where(self.source.terms, self.conditions)
        return self._filtered(statement, read, read.bound_on(self.source.table))

    def _prepared(self, purpose: str, build: _Build) -> tuple[Select[Any], dict[str, Any]]:
        """A statement, and the values of its parameters; `build` is given what adds the conditions of this query."""
        read = read_where(self.source.terms, self.conditions)

        def built() -> Select[Any]:
            return build(lambda statement: self._filtered(statement, read, read.on(self.source.table)))

        values = {**read.values, "most": self.most}
        if self.restrictions:  # nobody knows what is in them
            return built(), values
        asked = self.selected, *map(str, self.ordering), self.most is None, self.includes_deleted
        return self.source.statements.get((purpose, asked, read.shape), built), values

    def _filtered(self, statement: Select[Any], read: Conditions, condition: ColumnElement[bool]) -> Select[Any]:
        if not read.names_deleted and not self.includes_deleted:
            statement = statement.where(self.source.table.c.deleted == false())
        return statement.where(condition, *(each(self.source.table) for each in self.restrictions))

    def _listed(self, statement: Select[Any]) -> Select[Any]:
        table = self.source.table
        if self.ordering and self.most is not None:
            return first_rows(statement, self._parts(self.ordering, None), self.ordering, table, _LIMIT)
        if self.ordering:
            return statement.order_by(*(each.by(each.term.value(table)) for each in self.ordering))
        return statement if self.most is None else statement.limit(_LIMIT)

    def _from(self, position: Position | None, size: int) -> tuple[list[Entity], list[Position]]:
        """So many entities from behind a position on, and where each of them is."""
        rows: list[Row] = []
        positions: list[Position] = []
        for part in self._parts(self._whole_order(), marks_of(position)):
            if len(rows) < size:
                more, where = self._of_part(part, position, size - len(rows))
                rows += more
                positions += where
        return self.source.load_all(rows), positions

    def _parts(self, order: tuple[OrderKey, ...], marks: Marks | None) -> list[Part]:
        terms, first = self.source.terms, order[0].term
        read = read_where(terms, self.conditions)
        is_indexed = terms.is_indexed(first, read.fixed_columns)
        # Conditions may leave so few rows that to look for them and sort them is faster.
        is_whole = read.are_none and not self.restrictions
        division = terms.division(first) if is_whole and not is_indexed else None
        return parts_of(order, marks, is_indexed=is_indexed, division=division)

    def _of_part(self, part: Part, position: Position | None, size: int) -> tuple[list[Row], list[Position]]:
        table, reader = self.source.table, self.source.reader(self.selected)
        statement, values = self._prepared(
            f"page {part.marks} {part.has_first_key}", lambda where: part.of(where(reader.select), table, _LIMIT)
        )
        with self.source.database.read() as connection:
            return reader.rows_and_more(connection, statement, {**values, **values_at(position), "most": size})

    def _whole_order(self) -> tuple[OrderKey, ...]:
        return complete(self.ordering, self.source.terms)

    def _with(self, params: Mapping[str, Any] | None) -> Self:
        for name in params or {}:
            if name != "withDeleted":
                raise BadRequest(f"There is no parameter {name!r}; there is 'withDeleted'.")
        return self.with_deleted() if (params or {}).get("withDeleted") else self


def _whole(what: str, number: int, least: int, most: int) -> int:
    if type(number) is not int or not least <= number <= most:
        bounds = f"{least} or more" if most == _GREATEST_LIMIT else f"{least} to {most}"
        raise BadRequest(f"{what}({number!r}): it takes a whole number, {bounds}.")
    return number
