"""Changing and removing all rows that meet conditions, without reading them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, delete, false, select, true, update
from sqlalchemy.exc import IntegrityError

from core import clock
from core.exceptions import BadRequest, Problem, ValidationError
from core.metadata.definitions import REFERENCE_DATA, RELATION
from core.orm.conditions import is_empty
from core.orm.constraints import constraint_error
from core.orm.entity import Entity
from core.orm.entity_row import changed_row, judge
from core.orm.hooks import RepositoryHooks
from core.orm.relation import middles
from core.orm.term import EntityTerms
from core.orm.where import read_where

#: How many ids one statement names.
_CHUNK = 1000


class BulkWrite:
    """Writes many rows of one entity type by one statement; no hooks, no listeners.

    Deleted entities are left out unless a condition names `deleted`. Raises BadRequest for what `Where` refuses.
    """

    def __init__(self, hooks: RepositoryHooks, user_id: str) -> None:
        if hooks.type.kind == REFERENCE_DATA:
            raise BadRequest(f"{hooks.type.name} is reference data, in a file: save and remove them one by one.")
        self._hooks = hooks
        self._table = hooks.table
        self._terms = EntityTerms(hooks.get_entity_manager().schema, hooks.type)
        self._user_id = user_id

    def update(self, conditions: Any, blank: Entity, values: Mapping[str, Any]) -> int:
        """Set the same values in all of them; says how many there were. `blank` is any new entity.

        Raises BadRequest for what cannot be set in this way, ValidationError with all values that break the rules of
        their fields, NotUnique where a unique index refuses.
        """
        row = {**self._stamps(), **self._row(blank, values)}
        statement = update(self._table).where(self._going(conditions)).values(row)
        try:
            with self._hooks.database.transaction() as connection:
                return int(connection.execute(statement).rowcount)
        except IntegrityError as error:
            raise constraint_error(self._hooks.type, error) from error

    def remove(self, conditions: Any) -> int:
        """Mark all of them as deleted; says how many there were. Those that may not go stay."""
        if self._hooks.type.kind == RELATION:  # of which nothing is left behind
            return self.delete(conditions)
        going = and_(self._going(conditions), self._table.c.deleted == false(), *self._hooks.removal_guard())
        statement = update(self._table).where(going).values({**self._stamps(), "deleted": true()})
        with self._hooks.database.transaction() as connection:
            self._make_room(connection, conditions)
            return int(connection.execute(statement).rowcount)

    def delete(self, conditions: Any) -> int:
        """Delete all of them for good, with their relations; says how many there were. Those that may not go stay."""
        met, uses_links = self._compiled(self._table, conditions)
        with self._hooks.database.transaction() as connection:
            if not uses_links:
                return self._delete(connection, met)
            # With its relations goes what the conditions are about.
            ids = connection.execute(select(self._table.c.id).where(met)).scalars().all()
            return sum(self._delete(connection, self._table.c.id.in_(chunk)) for chunk in _chunks(ids))

    def _delete(self, connection: Connection, met: ColumnElement[bool]) -> int:
        going = and_(met, *self._hooks.removal_guard())
        for middle, near in middles(self._terms.types, self._hooks.type):
            connection.execute(delete(middle).where(middle.c[near].in_(select(self._table.c.id).where(going))))
        return int(connection.execute(delete(self._table).where(going)).rowcount)

    def _going(self, conditions: Any) -> ColumnElement[bool]:
        """The conditions on the rows that are written."""
        found, uses_links = self._compiled(self._table, conditions)
        if not uses_links:
            return found
        # MariaDB reads no table that it writes. From a list that is made before it takes the ids; DISTINCT makes it so.
        read = self._table.alias()
        ids = select(read.c.id).distinct().where(self._compiled(read, conditions)[0]).subquery()
        return self._table.c.id.in_(select(ids.c.id))

    def _compiled(self, table: FromClause, conditions: Any) -> tuple[ColumnElement[bool], bool]:
        read = read_where(self._terms, conditions)
        found = read.bound_on(table)
        if not read.names_deleted:
            found = and_(table.c.deleted == false(), found)
        return found, read.uses_links

    def _row(self, blank: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
        """Column -> value."""
        self._refuse(values)
        blank.set(values)
        blank._stored = {}  # judged is what is set, and not what a new entity lacks
        problems: list[Problem] = []
        row = changed_row(blank, problems)
        judge(blank, row, problems)
        if problems:
            raise ValidationError.of(problems)
        return row

    def _refuse(self, values: Mapping[str, Any]) -> None:
        entity_type = self._hooks.type
        if not values:
            raise BadRequest(f"{entity_type.name}: there is nothing to set.")
        for name in values:
            attribute = entity_type.attributes.get(name)
            if name == "id" or (attribute is not None and attribute.column is None):
                raise BadRequest(f"{entity_type.name}: '{name}' cannot be set in many at once; save them one by one.")
        for name, condition in entity_type.required_if.items():
            if condition.attributes & values.keys() or (name in values and is_empty(values[name])):
                raise BadRequest(
                    f"{entity_type.name}: '{name}' is required under a condition, which depends on each entity: "
                    "save them one by one."
                )

    def _stamps(self) -> dict[str, Any]:
        stamps = {"modified_at": clock.now(), "modified_by_id": self._user_id}
        return {column: value for column, value in stamps.items() if column in self._table.c}

    def _make_room(self, connection: Connection, conditions: Any) -> None:
        """An index like (code, deleted) holds one deleted row of each code: older ones give way."""
        for names in self._hooks.type.unique_among_living:
            old, living = self._table.alias(), self._table.alias()
            same = and_(*(old.c[name] == living.c[name] for name in names))
            going = and_(living.c.deleted == false(), self._compiled(living, conditions)[0])
            statement = select(old.c.id).distinct().join_from(living, old, same).where(old.c.deleted == true(), going)
            for chunk in _chunks(connection.execute(statement).scalars().all()):
                connection.execute(delete(self._table).where(self._table.c.id.in_(chunk)))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
