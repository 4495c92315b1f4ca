"""The entities of one type: finding, saving, removing them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, delete, false, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from core import clock
from core.exceptions import BadRequest, Error
from core.orm.bulk_write import BulkWrite
from core.orm.constraints import constraint_error
from core.orm.entity import Entity
from core.orm.entity_events import EntityEvents, Options, run_after
from core.orm.entity_type import EntityType
from core.orm.field_types import is_storable
from core.orm.hooks import RepositoryHooks
from core.orm.manager import Manager
from core.orm.prepared_statement import PreparedStatement
from core.orm.query import Page, Query
from core.orm.relations import Relations
from core.orm.row_reader import RowReader
from core.orm.save import Save, carry_out
from core.orm.statement_cache import StatementCache
from core.orm.term import EntityTerms

#: Not an id: a new entity is wanted. None is an id that leads nowhere, as an empty link has it.
NEW: Any = object()
_MOST_READERS = 100


class Repository(RepositoryHooks):
    """Finds, saves and removes entities of one type. It keeps no state of a query: `where()` answers a new Query."""

    def __init__(self, entity_type: EntityType, table: Table, entity_class: type[Entity], manager: Manager) -> None:
        super().__init__(entity_type, table, entity_class, manager)
        self.events = EntityEvents(manager.event_manager, entity_type.name)
        self.relations = Relations(self, self.events, manager)
        self.statements = StatementCache()
        self._readers: dict[tuple[str, ...], RowReader] = {}

    def get(self, entity_id: Any = NEW) -> Entity | None:
        """A new entity with the defaults; with an id (also None) the stored one as it is now, or None."""
        if entity_id is NEW:
            return self.make()
        if not is_storable(entity_id):  # nothing is called so, but databases disagree on how to say it
            return None
        with self.database.read() as connection:
            row = connection.execute(self._by_id, {"wanted_id": entity_id}).first()
        return None if row is None else _readable(self.load(self._columns, row))

    def make(self) -> Entity:
        """A new entity with the defaults."""
        return self._entity_class(self.type, self._manager, {})

    def where(self, conditions: Mapping[str, Any] | Sequence[Any] | str, *value: Any) -> Query:
        """The entities that meet the conditions: a mapping, or a key and a value. See `core.orm.where`."""
        return Query(self).where(conditions, *value)

    def order(self, keys: str | Sequence[Any] = "id", direction: str = "ASC") -> Query:
        """All entities, sorted. See `Query.order`."""
        return Query(self).order(keys, direction)

    def limit(self, most: int) -> Query:
        """At most so many entities."""
        return Query(self).limit(most)

    def select(self, attributes: Sequence[str]) -> Query:
        """All entities, with these attributes only."""
        return Query(self).select(attributes)

    def with_deleted(self) -> Query:
        """All entities, and the deleted ones."""
        return Query(self).with_deleted()

    def find(self, params: Mapping[str, Any] | None = None) -> list[Entity]:
        """All entities."""
        return Query(self).find(params)

    def find_one(self, params: Mapping[str, Any] | None = None) -> Entity | None:
        """Any one entity, or None."""
        return Query(self).find_one(params)

    def count(self, params: Mapping[str, Any] | None = None) -> int:
        """How many entities there are."""
        return Query(self).count(params)

    def exists(self) -> bool:
        """Whether there is an entity."""
        return Query(self).exists()

    def page(self, size: int, after: str | None = None) -> Page:
        """The first entities in the order of their ids, or those after a cursor. See `Query.page`."""
        return Query(self).page(size, after)

    def iterate(self, batch_size: int = 1000) -> Iterator[Entity]:
        """All entities in the order of their ids, read in batches."""
        return Query(self).iterate(batch_size)

    def aggregate(self, values: Mapping[str, str], group_by: Sequence[str] = (), **more: Any) -> list[dict[str, Any]]:
        """What is counted and summed up over all entities. See `Query.aggregate`."""
        return Query(self).aggregate(values, group_by, **more)

    def save(self, entity: Entity, options: Options | None = None) -> None:
        """Store a new entity, or what of a stored one has changed. See `save_all`."""
        self.save_all([entity], options)

    def save_all(self, entities: Sequence[Entity], options: Options | None = None) -> None:
        """Save all of them, or none, in one transaction.

        The options `skipBeforeSave`, `skipAfterSave` and `skipAll` leave out hooks, listeners and judgement. Of two
        writers the last one of an attribute counts, unless `check_version` says that nobody may have come between.
        Raises BadRequest that names all that is wrong, NotUnique, Conflict, and NotFound for an entity that was deleted
        meanwhile.
        """
        carry_out(self.database, [self.begin_save(entities, options)])

    def begin_save(self, entities: Sequence[Entity], options: Options | None = None) -> Save:
        """A save for `core.orm.save.carry_out`, which does several in one transaction."""
        return Save(self, self.events, self.insert_statement, entities, options, self._manager.user_id)

    def remove(self, entity: Entity, options: Options | None = None) -> None:
        """Mark an entity as deleted; `restore` brings it back. The options are `skipAll` and what listeners know."""
        if entity._stored is None:
            raise BadRequest(f"A {self.type.name} that was never saved cannot be removed.")
        given = options or {}
        has_hooks = not given.get("skipAll")
        if has_hooks:
            self.events.dispatch("before_remove", entity, given)
            self.before_remove(entity, given)
        with self.database.transaction() as connection:
            self.database.after_rollback(entity.undoing())
            self._make_room(connection, entity.id)
            if self.remove_row(connection, entity.id) and has_hooks:
                self.database.after_commit(lambda: self._after_remove(entity, given))
        entity._stored = entity._reference = {**entity._stored, "deleted": True}

    def restore(self, entity_id: str) -> bool:
        """Bring a removed entity back; says whether there was one. Raises NotUnique if another one took its place."""
        is_removed = self.table.c.id == entity_id, self.table.c.deleted == true()
        values = {"deleted": false(), "modified_at": clock.now()}
        restored = {name: value for name, value in values.items() if name in self.table.c}
        try:
            with self.database.transaction() as connection:
                return bool(connection.execute(update(self.table).where(*is_removed).values(restored)).rowcount)
        except IntegrityError as error:
            raise constraint_error(self.type, error) from error

    def delete_from_db(self, entity_id: str) -> bool:
        """Delete the row for good, removed or not, with its relations; says whether there was one.

        No hooks, no listeners.
        """
        with self.database.transaction() as connection:
            self.relations.forget(connection, entity_id)
            return self.delete_row(connection, entity_id)

    def update_where(self, conditions: Any, values: Mapping[str, Any]) -> int:
        """Set the same values in all entities that meet the conditions, without hooks and listeners; says how many.

        See `core.orm.bulk_write`.
        """
        return BulkWrite(self, self._manager.user_id).update(conditions, self.make(), values)

    def delete_where(self, conditions: Any, *, permanently: bool = False) -> int:
        """Remove all entities that meet the conditions, without hooks and listeners; says how many.

        They are marked as deleted; `permanently` deletes the rows. Those that may not go stay.
        """
        writing = BulkWrite(self, self._manager.user_id)
        return writing.delete(conditions) if permanently else writing.remove(conditions)

    def relate(
        self,
        entity: Entity,
        link_name: str,
        other: Entity | str,
        data: Mapping[str, Any] | None = None,
        options: Options | None = None,
    ) -> bool:
        """Let a link lead from an entity to another one (or its id); says whether it did not before.

        `data` are fields of the relation's own entity. Raises BadRequest for a link that is none, or that leads to
        another type, and NotFound; what listeners and `before_relate` raise prevents it.
        """
        return self.relations.relate(entity, link_name, other, data or {}, options or {})

    def unrelate(self, entity: Entity, link_name: str, other: Entity | str, options: Options | None = None) -> bool:
        """End a relation; says whether there was one. Raises as `relate`."""
        return self.relations.unrelate(entity, link_name, other, options or {})

    def update_relation(self, entity: Entity, link_name: str, other: Entity | str, data: Mapping[str, Any]) -> bool:
        """Set fields of a relation's own entity; says whether the two are related."""
        return self.relations.update(entity, link_name, other, data)

    def get_relation(self, entity: Entity, link_name: str, other: Entity | str) -> Entity | None:
        """The relation's own entity, or None where the two are not related."""
        return self.relations.between(entity, link_name, other)

    def is_related(self, entity: Entity, link_name: str, other: Entity | str) -> bool:
        """Whether a link leads from an entity to another one that is not removed."""
        other_id = other.id if isinstance(other, Entity) else other
        return self.relations.related(entity, link_name).where({"id": other_id}).exists()

    def related(self, entity: Entity, link_name: str) -> Query:
        """The entities that a link leads to, as a query: `related(product, "categories").order("name").find()`."""
        return self.relations.related(entity, link_name)

    def find_related(self, entity: Entity, link_name: str, params: Mapping[str, Any] | None = None) -> list[Entity]:
        """The entities that a link leads to."""
        return self.related(entity, link_name).find(params)

    def count_related(self, entity: Entity, link_name: str, params: Mapping[str, Any] | None = None) -> int:
        """How many entities a link leads to."""
        return self.related(entity, link_name).count(params)

    def write_ids(self, entity: Entity, options: Options) -> None:
        """Relate and unrelate as an entity's lists of ids say (`categoriesIds`), in the transaction of its save."""
        for name, link in self.type.links_by_ids.items():
            if name in entity._values:
                wanted = list(dict.fromkeys(entity._values[name] or ()))
                self.relations.set_ids(entity, link, entity._read_ids(name), wanted, options)
                entity._fetched_ids = {**entity._fetched_ids, name: tuple(wanted)}

    def dispatch_after_save(self, entity: Entity, changed: Collection[str] = ()) -> None:
        """Tell the listeners of a change that was written past this repository; these attributes count as changed."""
        columns = {self.type.columns[name] for name in changed}
        stored = entity._stored or {}
        entity._reference = {column: value for column, value in stored.items() if column not in columns}
        try:
            self.events.dispatch_after("after_save", entity, {})
        finally:
            entity._reference = entity._stored

    @cached_property
    def terms(self) -> EntityTerms:
        """What the words in conditions on these entities mean."""
        return EntityTerms(self._manager.schema, self.type)

    def reader(self, attributes: tuple[str, ...]) -> RowReader:
        """What reads rows with these attributes and the id; all of them where none is named."""
        found = self._readers.get(attributes)
        if found is None:
            if len(self._readers) >= _MOST_READERS:  # clients select as they like
                self._readers.clear()
            columns = self.type.columns
            names = ("id", *(columns[each] for each in attributes)) if attributes else columns.values()
            found = RowReader(self.table, list(dict.fromkeys(names)), self.database.engine.dialect)
            self._readers[attributes] = found
        return found

    def load_all(self, rows: Sequence[dict[str, Any]]) -> list[Entity]:
        """The entities that are stored in rows, values as the table's column types give them."""
        make, entity_type, manager = self._entity_class, self.type, self._manager
        return [make(entity_type, manager, {}, row) for row in rows]

    def load(self, columns: Sequence[str], row: Sequence[Any]) -> Entity:
        """The entity that is stored in a row, values as the table's column types give them."""
        return self._entity_class(self.type, self._manager, {}, dict(zip(columns, row, strict=True)))

    def hydrate(self, row: Mapping[str, Any]) -> Entity:
        """The entity that is stored in a row, values as a driver gives them; other columns are left out.

        Raises Error for a value that is not of its type.
        """
        by_column = self.type.by_column
        known = dict(row)
        if not row.keys() <= by_column.keys():
            known = {column: value for column, value in row.items() if column in by_column}
        for column, convert in self._converted:
            value = known.get(column)
            if value is not None:
                try:
                    known[column] = convert(value)
                except (TypeError, ValueError, OverflowError) as error:
                    raise Error(f"{by_column[column].name} cannot be read: {value!r}: {error}") from error
        return _readable(self._entity_class(self.type, self._manager, {}, known))

    @cached_property
    def insert_statement(self) -> PreparedStatement:
        """Inserts one row with all columns."""
        return PreparedStatement(insert(self.table), self.database.engine.dialect)

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return tuple(self.type.columns.values())

    @cached_property
    def _converted(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """The columns whose values a driver may give in another form, with what makes ours of it."""
        readers = ((column, each.type.from_driver) for column, each in self.type.by_column.items())
        return [(column, convert) for column, convert in readers if convert is not None]

    @cached_property
    def _by_id(self) -> Select[Any]:
        columns = (self.table.c[each] for each in self._columns)
        return select(*columns).where(self.table.c.id == bindparam("wanted_id"), self.table.c.deleted == false())

    def _after_remove(self, entity: Entity, options: Options) -> None:
        self.events.dispatch_after("after_remove", entity, options)
        run_after(self.after_remove, entity, options)

    def _make_room(self, connection: Connection, entity_id: str) -> None:
        # An index like (code, deleted) holds one deleted row of each code: an older one gives way.
        for names in self.type.unique_among_living:
            columns = [self.table.c[name] for name in names]
            row = connection.execute(select(*columns).where(*self.living_row(entity_id))).first()
            if row is None or None in row:  # gone already; NULL is unique beside NULL
                continue
            same = [column == value for column, value in zip(columns, row, strict=True)]
            connection.execute(delete(self.table).where(self.table.c.deleted == true(), *same))


def _readable(entity: Entity) -> Entity:
    # The one entity that is asked for will be used; of a list, what nobody looks at is not parsed.
    stored = entity._stored or {}
    for column, name in entity._type.converted:
        if stored.get(column) is not None:
            entity.get(name)
    return entity
