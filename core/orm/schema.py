"""The tables that entityDefs and scopes define."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from threading import RLock
from typing import Any, Protocol

from sqlalchemy import Column, Connection, MetaData, String, Table, Text, false, text, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from core.exceptions import Error, MetadataError, did_you_mean
from core.log import logger
from core.metadata.definitions import REFERENCE_DATA
from core.orm.added_column import DEFAULT
from core.orm.column_types import TABLE_OPTIONS, Moment, PresentMoment, everywhere_alike
from core.orm.counter import COUNTERS
from core.orm.definition import as_object
from core.orm.entity_type import Attribute, EntityType, has_no_null, read_entity_type
from core.orm.field_types import ID_LENGTH
from core.orm.link import Link
from core.orm.migration_table import MIGRATIONS
from core.orm.relation import Relation
from core.orm.schema_diff import SchemaDiff, Update
from core.orm.schema_state import in_short, read_state, read_state_group, write_state
from core.orm.schema_update import ensure_tables
from core.orm.table_index import add_index, why_impossible
from core.sentence import Sentence

#: To be raised when the same definitions give other tables than before.
_FORMAT = 5
# What is remembered in the database: the definitions that it was brought up to, what of them it could not be brought up
# to by adding, and which tables were made here.
_FINGERPRINT, _BEHIND, _OUR_TABLE = "schema", "schema.behind", "table:"


class Definitions(Protocol):
    """The merged metadata."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What stands under a key."""


class Schema:
    """Entity types and their tables, read from the metadata when they are first asked for.

    `needed` names the attributes, by entity type, that no layer of the metadata may take away; `dialect` is
    the kind of database: sqlite, postgresql or mariadb.
    """

    def __init__(
        self,
        metadata: Definitions,
        needed: Mapping[str, Collection[str]] | None = None,
        *,
        dialect: str = "sqlite",
    ) -> None:
        self._metadata = metadata
        self._needed = needed or {}
        self._dialect = dialect
        self._types: dict[str, EntityType] = {}
        self._tables = MetaData()
        self._lock = RLock()
        self._behind = ""

    def entity_type(self, name: str) -> EntityType:
        """The entity type; raises Error for one that does not exist, MetadataError where it lacks what is needed."""
        if name not in self._types:
            self._types[name] = self._read_type(name)
        return self._types[name]

    def table(self, name: str) -> Table:
        """The table of an entity type; of reference data the one that is made in memory."""
        with self._lock:
            entity_type = self.entity_type(name)
            table = self._tables.tables.get(entity_type.table_name)
            return self._make_table(entity_type) if table is None else table

    def names(self) -> list[str]:
        """The entity types that have a table."""
        return [name for name in as_object(self._metadata.get("scopes")) if self._is_stored(name)]

    @property
    def problems(self) -> list[str]:
        """What in the definitions was left out, and why; for all entity types."""
        problems = [problem for name in self.names() for problem in self.entity_type(name).problems]
        return [*problems, *self._index_problems()]

    @property
    def link_problems(self) -> list[str]:
        """The links that lead nowhere, for all entity types; who follows one gets the same as an error."""
        return [problem for name in self.names() for problem in self.link_problems_of(name)]

    def link_problems_of(self, name: str) -> list[str]:
        """The links of one entity type that lead nowhere."""
        entity_type = self.entity_type(name)
        return [problem for link in entity_type.links.values() if (problem := self._problem(entity_type, link))]

    def reload(self) -> None:
        """Forget everything, as the metadata have changed."""
        self._types.clear()
        self._tables = MetaData()

    def tables(self) -> list[Table]:
        """All tables that the database is to have."""
        return [COUNTERS, MIGRATIONS, *(self.table(name) for name in self.names())]

    def is_current(self, connection: Connection) -> bool:
        """Whether the tables in the database have been brought up to what is defined, by one cheap read."""
        state = read_state(connection, (_FINGERPRINT, _BEHIND))
        self._behind = state.get(_BEHIND, "")
        return state.get(_FINGERPRINT) == self._fingerprint()

    @property
    def warning(self) -> Sentence | None:
        """What of the definitions the database is behind, and what mends it; as `is_current` or `ensure` found it."""
        if not self._behind:
            return None
        return Sentence(
            "The database is behind the metadata: {changes}. Mend it with: python console.py sql diff --run",
            changes=self._behind,
        )

    def warning_of(self, connection: Connection) -> Sentence | None:
        """The same by a comparison that is made now, without what the next use adds; nothing is changed.

        Needs a writing transaction.
        """
        if self.is_current(connection):  # then nothing is added any more, and somebody may have taken something away
            self._behind = self._compared(connection)
        else:
            self._behind = in_short(self.compare(connection).changes)
        return self.warning

    def ensure(self, connection: Connection) -> None:
        """Create what is missing: tables, columns, indexes. Nothing is dropped or changed.

        What would have to be changed is in `warning` afterwards, and is remembered.
        """
        for problem in self.problems:
            logger.warning("%s It is left out.", problem)
        for problem in self.link_problems:
            logger.warning("%s", problem)
        tables = self.tables()
        found, problems = ensure_tables(connection, tables)
        for problem in problems:
            logger.error(problem)
        self._behind = self._compared(connection) if found else ""
        self._remember(connection, is_current=not problems)

    def compare(self, connection: Connection) -> SchemaDiff:
        """What differs in the database from what is defined; nothing is changed. Needs a writing transaction."""
        return SchemaDiff(connection, self.tables(), read_state_group(connection, _OUR_TABLE))

    def update(self, connection: Connection, *, with_drops: bool = False) -> Update:
        """Make the database as it is defined; drops only if they are asked for.

        Needs a writing transaction; raises SchemaError as `SchemaDiff.run`.
        """
        diff = self.compare(connection)
        update = diff.run(with_drops=with_drops)
        if with_drops:
            write_state(connection, {f"{_OUR_TABLE}{name}": None for name in diff.left_tables})
        self._behind = ""
        self._remember(connection, is_current=True)
        return update

    def _compared(self, connection: Connection) -> str:
        try:
            diff = self.compare(connection)
        except DBAPIError as error:  # no right to make a temporary table: that is no reason not to work
            logger.warning("The tables cannot be compared with the metadata: %s", error.orig)
            return ""
        return in_short([*diff.additions, *diff.changes])

    def _remember(self, connection: Connection, *, is_current: bool) -> None:
        made = {f"{_OUR_TABLE}{table.name}": "made" for table in self.tables()}
        fingerprint = self._fingerprint() if is_current else None
        write_state(connection, {**made, _BEHIND: self._behind or None, _FINGERPRINT: fingerprint})

    def _read_type(self, name: str) -> EntityType:
        if not self._is_stored(name) and not self._is_reference_data(name):
            raise self._no_such_type(name)
        entity_type = read_entity_type(name, self._definition(name), self._scope(name))
        missing = [each for each in self._needed.get(name, ()) if each not in entity_type.columns]
        if missing:
            raise MetadataError(
                f"{name} lacks {', '.join(missing)}, which core cannot do without. The entityDefs/{name}.json of a "
                "module or of data/metadata takes them away, or gives them no column: take that out of it."
            )
        return entity_type

    def _is_stored(self, name: str) -> bool:
        scope = self._scope(name)
        return bool(scope.get("entity")) and not scope.get("notStorable") and scope.get("type") != REFERENCE_DATA

    def _index_problems(self) -> Iterator[str]:
        for name in self.names():
            for index in self.entity_type(name).indexes:
                why = why_impossible(index, self._dialect)
                if why is not None:
                    yield f"entityDefs/{name}.json: the index '{index.name}' {why}"

    def _problem(self, entity_type: EntityType, link: Link) -> str | None:
        if not self._scope(link.entity).get("entity"):
            where = f"entityDefs/{entity_type.name}.json: the link '{link.name}'"
            near = did_you_mean(link.entity, as_object(self._metadata.get("scopes")))
            return f"{where} leads to '{link.entity}', which is no entity.{near}"
        try:
            if not self._is_reference_data(link.entity):
                Relation(self, entity_type, link)
                return self._conflict_of_middle(entity_type, link)
        except (Error, MetadataError) as error:
            return str(error)
        return None

    def _conflict_of_middle(self, entity_type: EntityType, link: Link) -> str | None:
        """Why two entities could be related twice: the middle entity belongs to another pair."""
        if link.middle is None:
            return None
        middle = self.entity_type(link.middle.entity)
        sides = {middle.columns[link.middle.near], middle.columns[link.middle.far]}
        if any(set(names) == sides for names in middle.unique_among_living):
            return None
        return (
            f"entityDefs/{entity_type.name}.json: the link '{link.name}': {middle.name} has no unique index of "
            f"{link.middle.near}, {link.middle.far} and deleted. Has another pair of entities the same relationName?"
        )

    def _is_reference_data(self, name: str) -> bool:
        scope = self._scope(name)
        return bool(scope.get("entity")) and scope.get("type") == REFERENCE_DATA

    def _definition(self, name: str) -> Mapping[str, Any]:
        return as_object(self._metadata.get(["entityDefs", name]))

    def _scope(self, name: str) -> Mapping[str, Any]:
        return as_object(self._metadata.get(["scopes", name]))

    def _no_such_type(self, name: str) -> Error:
        if self._definition(name) and not self._scope(name):
            return Error(
                f"ORM: Repository '{name}' does not exist: there is no scopes/{name}.json with \"entity\": true."
            )
        return Error(f"ORM: Repository '{name}' does not exist.{did_you_mean(name, self.names())}")

    def _fingerprint(self) -> str:
        definitions = {name: [self._metadata.get(["entityDefs", name]), self._scope(name)] for name in self.names()}
        return hashlib.sha256(json.dumps([_FORMAT, definitions], sort_keys=True).encode()).hexdigest()

    def _make_table(self, entity_type: EntityType) -> Table:
        columns = (_column(each) for each in entity_type.stored)
        table = Table(entity_type.table_name, self._tables, *columns, **TABLE_OPTIONS)
        for definition in entity_type.indexes:
            add_index(table, definition, self._dialect)
        return table


def _column(attribute: Attribute) -> Column[Any]:
    if attribute.name == "id":
        return Column("id", everywhere_alike(String(ID_LENGTH)), primary_key=True)
    column_type = everywhere_alike(attribute.type.column(attribute.params))
    return Column(
        attribute.column,
        column_type,
        nullable=not has_no_null(attribute.params),
        server_default=_server_default(column_type, attribute),
        info={DEFAULT: None if attribute.default is None else attribute.to_column(attribute.default)},
    )


def _server_default(column_type: TypeEngine[Any], attribute: Attribute) -> Any:
    """Only what every database takes as a default: for rows of bare SQL, and those of a table that gets it later."""
    default = attribute.default
    if default is None and attribute.is_required and isinstance(column_type, Moment):
        return PresentMoment()
    if isinstance(default, bool):
        return true() if default else false()
    if isinstance(default, int | float):
        return text(str(default))
    return default if isinstance(default, str) and not isinstance(column_type, Text) else None
