"""Entities of type ReferenceData: few, kept in a file, and found as all others are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, delete, event, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

from core.exceptions import Conflict, NotFound, NotUnique
from core.orm.constraints import constraint_error
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.entity_type import EntityType
from core.orm.manager import Manager
from core.orm.reference_file import ReferenceFile, Rows, State
from core.orm.repository import Repository
from core.orm.save import Save
from core.orm.sqlite_functions import add_functions


class ReferenceRepository(Repository):
    """Base of the repositories of entities of type ReferenceData (AtroCore 9), in `data/reference-data/<Entity>.json`.

    A change is in the file at once: it takes no part in a transaction, and a removed record is gone. Links to many and
    conditions that lead from other entities into the file are not possible.
    """

    def __init__(self, entity_type: EntityType, table: Table, entity_class: type[Entity], manager: Manager) -> None:
        super().__init__(entity_type, table, entity_class, manager)
        root = manager.container.get("config").root
        self._file = ReferenceFile(root / "data" / "reference-data" / f"{entity_type.name}.json", entity_type)
        self._copy = _InMemory(table, self._file)
        self.database = self._copy  # type: ignore[assignment]  # what of a Database is used for reading

    def begin_save(self, entities: Sequence[Entity], options: Options | None = None) -> Save:
        """See `Repository.begin_save`."""
        return _ReferenceSave(
            self, self.events, self.insert_statement, entities, options, self._manager.user_id, self._file, self._copy
        )

    def remove_row(self, connection: Connection, entity_id: str) -> bool:
        """Take a record out of the file; says whether it was there."""
        with self._file.changing() as rows:
            return rows.pop(entity_id, None) is not None

    def delete_from_db(self, entity_id: str) -> bool:
        """As `remove`, without hooks and listeners."""
        return self.remove_row(None, entity_id)  # type: ignore[arg-type]  # there is no database

    def restore(self, entity_id: str) -> bool:
        """A removed record is gone: there is nothing to bring back."""
        return False

    def _make_room(self, connection: Connection, entity_id: str) -> None:
        """A removed record takes no place."""


class _InMemory:
    """The records in a table in memory, read anew when the file has changed."""

    def __init__(self, table: Table, file: ReferenceFile) -> None:
        self._table = table
        self._file = file
        self._state: State | None = None
        self._is_loaded = False
        self._lock = RLock()
        self._undo: list[Callable[[], None]] = []
        # One connection for all threads: the table is in it.
        self.engine: Engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        event.listen(self.engine, "connect", lambda connection, _: add_functions(connection))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to the records as the file has them now."""
        with self._lock, self.engine.begin() as connection:
            state = self._file.state
            if not self._is_loaded or state != self._state:
                self.load(connection, self._file.rows())
                self._state, self._is_loaded = state, True
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A file has none, but what could not be written is put back in memory."""
        self._undo = []
        try:
            yield
        except BaseException:
            for callback in reversed(self._undo):
                callback()
            raise

    def after_commit(self, callback: Callable[[], None]) -> None:
        """What was written stays."""
        callback()

    def after_rollback(self, callback: Callable[[], None]) -> None:
        """Call if what is being written does not stay."""
        self._undo.append(callback)

    def judge(self, rows: Rows) -> None:
        """Raise IntegrityError where the unique indexes do not allow the records."""
        with self._lock, self.engine.begin() as connection:
            self._is_loaded = False
            self.load(connection, rows)

    def load(self, connection: Connection, rows: Rows) -> None:
        """Put these records in the place of the former ones."""
        self._table.create(connection, checkfirst=True)
        connection.execute(delete(self._table))
        if rows:
            connection.execute(insert(self._table), list(rows.values()))


class _ReferenceSave(Save):
    def __init__(self, *arguments: Any) -> None:
        *of_save, self._file, self._copy = arguments
        super().__init__(*of_save)

    def write(self, connection: Connection) -> None:
        """The file; raises NotUnique, NotFound, Conflict as the database would."""
        entity_type = self._hooks.type
        try:
            with self._file.changing() as rows:
                for entity, row in self._inserts:
                    if entity.id in rows:
                        raise NotUnique(f"{NotUnique()} {entity_type.name}: another record has the id '{entity.id}'.")
                    rows[entity.id] = row
                for entity, values in self._updates:
                    rows[entity.id] = {**self._current(rows, entity), **values}
                self._copy.judge(rows)
        except IntegrityError as error:
            raise constraint_error(entity_type, error) from error
        self._note_written()

    def _current(self, rows: Mapping[str, dict[str, Any]], entity: Entity) -> dict[str, Any]:
        row = rows.get(entity.id)
        if row is None:
            raise NotFound(f"The {entity.entity_type} '{entity.id}' was deleted in the meantime.")
        stored = entity._stored or {}
        if self._options.get("check_version") and row.get("modified_at") != stored.get("modified_at"):
            raise Conflict(
                f"{Conflict.__doc__} Read the {entity.entity_type} '{entity.id}' again, and repeat the change."
            )
        return row
