"""Saving: hooks, judgement, rows, and what follows the commit."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Connection, delete, true
from sqlalchemy.exc import IntegrityError

from core import clock
from core.exceptions import BadRequest, Error, NotUnique, Problem, ValidationError, did_you_mean
from core.loading import without_collections
from core.orm.constraints import constraint_error
from core.orm.counter import skip_to, take_numbers
from core.orm.database import Database
from core.orm.entity import Entity
from core.orm.entity_events import EntityEvents, Options, run_after
from core.orm.entity_row import changed_row, judge, whole_row
from core.orm.entity_type import Attribute
from core.orm.field_types import GREATEST_INT
from core.orm.hooks import RepositoryHooks
from core.orm.ids import new_id
from core.orm.prepared_statement import PreparedStatement

#: Rows that are handed to the driver at once.
_CHUNK = 1000
#: To look for garbage among so many entities, and again and again, takes a tenth of their save. It makes none; what
#: hooks and listeners leave in circles is freed after it.
_MANY = 100
_USERS = ("ownerUserId", "createdById", "modifiedById")
_MODIFIED = ("modifiedAt", "modifiedById")
#: Further ones are what listeners know.
_OPTIONS = frozenset(("skipBeforeSave", "skipAfterSave", "skipAll", "check_version"))
_MISSPELT = 0.85


class Save:
    """One save of some entities of one type. `carry_out` takes it through its steps."""

    def __init__(
        self,
        hooks: RepositoryHooks,
        events: EntityEvents,
        insert: PreparedStatement,
        entities: Sequence[Entity],
        options: Options | None,
        user_id: str,
    ) -> None:
        self._hooks = hooks
        self._events = events
        self._insert = insert
        self._entities = entities
        self._options = options or {}
        for option in self._options.keys() - _OPTIONS:
            _refuse_misspelt(option)
        now = clock.now()
        stamps = {"createdAt": now, "modifiedAt": now, **dict.fromkeys(_USERS, user_id)}
        self._stamps = [(name, value) for name, value in stamps.items() if name in hooks.type.columns]
        self._before = [entity._stored for entity in entities]
        self._ids_before = [entity._fetched_ids for entity in entities]
        self._numbered: list[tuple[Entity, str]] = []
        self._inserts: list[tuple[Entity, dict[str, Any]]] = []
        self._updates: list[tuple[Entity, dict[str, Any]]] = []
        self._given_ids: list[str] = []

    @property
    def size(self) -> int:
        """How many entities it saves."""
        return len(self._entities)

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._inserts or self._updates or self._has_ids)

    def prepare(self, problems: list[Problem]) -> None:
        """Hooks and judgement; `problems` gets all that is wrong."""
        hooks, is_judged = self._hooks, not self._skips("skipBeforeSave")
        has_listeners = is_judged and self._events.has_listeners("before_save")
        # All steps for one entity, then the next: going through 20,000 entities for each step takes twice as long.
        for entity in self._entities:
            if entity._stored is None:
                self._stamp_new(entity)
            if has_listeners:
                self._events.dispatch("before_save", entity, self._options)
            if is_judged:
                hooks.before_save(entity, self._options)
            row = self._add_row(entity, problems)
            if is_judged:
                judge(entity, row, problems)
            if row:
                hooks.check_row(entity, row)

    def write(self, connection: Connection) -> None:
        """The rows; raises NotUnique where a unique index refuses one."""
        hooks = self._hooks
        try:
            if self._given_ids:
                self._remove_deleted(connection)
            for attribute in hooks.type.autoincrements:
                self._count(connection, attribute)
            for start in range(0, len(self._inserts), _CHUNK):
                self._insert.run_many(connection, [row for _, row in self._inserts[start : start + _CHUNK]])
            for entity, values in self._updates:
                if self._options.get("check_version"):
                    hooks.check_version(connection, entity)
                hooks.update_row(connection, entity, values)
        except IntegrityError as error:
            raise constraint_error(hooks.type, error) from error
        self._note_written()
        if self._has_ids:
            for entity in self._entities:
                hooks.write_ids(entity, self._options)
        hooks.after_write(connection, [entity for entity, _ in (*self._inserts, *self._updates)])

    def _note_written(self) -> None:
        for entity, row in self._inserts:
            entity._stored = entity._reference = row
        for entity, values in self._updates:
            entity._stored = entity._reference = {**(entity._stored or {}), **values}

    def undo(self) -> None:
        """The rows did not stay: the entities are as little stored as before."""
        for entity, before, ids in zip(self._entities, self._before, self._ids_before, strict=True):
            entity._stored = entity._reference = before
            entity._fetched_ids = ids
        for entity, name in self._numbered:
            entity._values.pop(name, None)

    def explained(self, error: NotUnique) -> NotUnique:
        """What to raise where a unique index has refused one of the rows."""
        return self._hooks.not_unique(self._entities, error)

    def finish(self) -> None:
        """Listeners and hooks after the commit; they see `is_new` and `is_attribute_changed` as before the save."""
        hooks = self._hooks
        has_listeners = self._events.has_listeners("after_save")
        has_hook = type(hooks).after_save is not RepositoryHooks.after_save
        if self._skips("skipAfterSave") or not (has_hook or has_listeners):
            return
        for entity, before in zip(self._entities, self._before, strict=True):
            entity._reference = before
            try:
                self._events.dispatch_after("after_save", entity, self._options)
                if has_hook:
                    run_after(hooks.after_save, entity, self._options)
            finally:
                entity._reference = entity._stored

    @property
    def _has_ids(self) -> bool:
        names = self._hooks.type.links_by_ids
        return bool(names) and any(name in entity._values for entity in self._entities for name in names)

    def _count(self, connection: Connection, attribute: Attribute) -> None:
        """Give each new entity its number, unless it brings one."""
        column = self._hooks.table.c[attribute.column or ""]
        rows = [(entity, row) for entity, row in self._inserts if row[column.name] is None]
        brought = [row[column.name] for _, row in (*self._inserts, *self._updates) if row.get(column.name)]
        if rows:
            numbers = take_numbers(connection, column, len(rows))
            if numbers[-1] > GREATEST_INT:
                raise Error(
                    f"{self._hooks.type.name}: {attribute.name} has no numbers left, the greatest is {GREATEST_INT}. "
                    "Where somebody chose too great a one, give that entity another number, and lower the value of "
                    f"'{column.table.name}.{column.name}' in the table pyatro_counter."
                )
            for number, (entity, row) in zip(numbers, rows, strict=True):
                entity._values[attribute.name] = row[column.name] = number
                self._numbered.append((entity, attribute.name))
        if brought:
            skip_to(connection, column, max(brought))

    def _skips(self, option: str) -> bool:
        return bool(self._options.get("skipAll") or self._options.get(option))

    def _stamp_new(self, entity: Entity) -> None:
        values = entity._values
        if values.get("id"):
            self._given_ids.append(entity.id)
        else:
            values["id"] = new_id()
        for name, value in self._stamps:
            if values.get(name) is None:
                values[name] = value

    def _add_row(self, entity: Entity, problems: list[Problem]) -> dict[str, Any]:
        if entity._stored is None:
            row = whole_row(entity, problems)
            self._inserts.append((entity, row))
            return row
        row = changed_row(entity, problems)
        if row:
            for name, value in self._stamps:
                if name in _MODIFIED:
                    entity._values[name] = row[self._hooks.type.columns[name]] = value
            self._updates.append((entity, row))
        return row

    def _remove_deleted(self, connection: Connection) -> None:
        """A new entity may take the id of a removed one."""
        table = self._hooks.table
        for given in self._given_ids:
            connection.execute(delete(table).where(table.c.id == given, table.c.deleted == true()))


def _refuse_misspelt(option: str) -> None:
    """An option that is nearly one of ours would be ignored silently; raises BadRequest."""
    if option not in _JUDGED:
        near = did_you_mean(option, _OPTIONS, _MISSPELT)
        if near:
            raise BadRequest(f"There is no option '{option}' of a save.{near}")
        _JUDGED.add(option)


#: Other options, which were looked at before.
_JUDGED: set[str] = set()


def carry_out(database: Database, saves: Sequence[Save]) -> None:
    """All of them in one transaction; inside a transaction of the caller, in a savepoint of it.

    Raises ValidationError with all that is wrong with any of them.
    """
    with without_collections() if sum(save.size for save in saves) >= _MANY else nullcontext():
        _carry_out(database, saves)


def _carry_out(database: Database, saves: Sequence[Save]) -> None:
    problems: list[Problem] = []
    for save in saves:
        save.prepare(problems)
    if problems:
        raise ValidationError.of(problems)

    def finish() -> None:
        for save in saves:
            save.finish()

    if not any(save.has_rows for save in saves):
        database.after_commit(finish)
        return
    try:
        with database.transaction() as connection:
            for save in saves:
                database.after_rollback(save.undo)
                save.write(connection)
            database.after_commit(finish)
    except NotUnique as error:
        raise save.explained(error) from error.__cause__
