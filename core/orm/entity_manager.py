"""The way to all entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, overload

from sqlalchemy import Connection

from core.container import Container
from core.events import EventManager
from core.metadata.definitions import REFERENCE_DATA, RELATION
from core.orm.class_finder import ClassFinder
from core.orm.database import Database
from core.orm.entity import Entity
from core.orm.entity_events import Options
from core.orm.reference_repository import ReferenceRepository
from core.orm.relation_repository import RelationRepository
from core.orm.repository import NEW, Repository
from core.orm.save import carry_out
from core.orm.schema import Schema

#: By the type of the scope.
_REPOSITORIES: dict[str, type[Repository]] = {RELATION: RelationRepository, REFERENCE_DATA: ReferenceRepository}

#: For whom the present request works: several threads work for several people at a time.
_ACTING: ContextVar[Entity | None] = ContextVar("acting", default=None)


class EntityManager:
    """Makes, finds, saves and removes entities of all types. What it reads is always what the database holds now."""

    def __init__(
        self,
        database: Database,
        schema: Schema,
        event_manager: EventManager,
        class_finder: ClassFinder,
        container: Container,
        system_user_id: str = "system",
    ) -> None:
        self.database = database
        self.schema = schema
        self.event_manager = event_manager
        self.container = container
        self._class_finder = class_finder
        self._repositories: dict[str, Repository] = {}
        self._system_user_id = system_user_id
        self._user: Entity | None = None

    @overload
    def get_entity(self, entity_type: str) -> Entity: ...

    @overload
    def get_entity(self, entity_type: str, entity_id: str | None) -> Entity | None: ...

    def get_entity(self, entity_type: str, entity_id: Any = NEW) -> Entity | None:
        """A new entity with the defaults; with an id (also None) the stored one, or None.

        Raises Error for an unknown type.
        """
        repository: Repository = self.get_repository(entity_type)
        return repository.get(entity_id)

    def get_repository(self, entity_type: str) -> Any:
        """The repository of an entity type, of the class that the latest module gives it."""
        repository = self._repositories.get(entity_type)
        if repository is None:
            repository = self._repositories[entity_type] = self._make_repository(entity_type)
        return repository

    def save_entity(self, entity: Entity, options: Options | None = None) -> None:
        """Store a new entity, or what of a stored one has changed. See `Repository.save_all`."""
        self.get_repository(entity.entity_type).save(entity, options)

    def save_entities(self, entities: Iterable[Entity], options: Options | None = None) -> None:
        """Save all of them, or none, in one transaction; they may be of several types. See `Repository.save_all`."""
        by_type: dict[str, list[Entity]] = {}
        for entity in entities:
            by_type.setdefault(entity.entity_type, []).append(entity)
        if len(by_type) == 1:
            ((name, group),) = by_type.items()
            self.get_repository(name).save_all(group, options)
            return
        carry_out(
            self.database, [self.get_repository(name).begin_save(group, options) for name, group in by_type.items()]
        )

    def remove_entity(self, entity: Entity, options: Options | None = None) -> None:
        """Mark an entity as deleted. See `Repository.remove`."""
        self.get_repository(entity.entity_type).remove(entity, options)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Several saves become one: all of them are committed at the end, none if an exception leaves the block.

        A nested one is a savepoint. Other writers wait for its end.
        """
        with self.database.transaction() as connection:
            yield connection

    def hydrate(self, entity_type: str, row: Mapping[str, Any]) -> Entity:
        """The stored entity that a database row is (column -> value as the driver gives it)."""
        repository: Repository = self.get_repository(entity_type)
        return repository.hydrate(row)

    def stored_value(self, entity: Entity, name: str) -> Any:
        """What the column of an attribute holds, as it was read or written last: for JSON its text."""
        return (entity._stored or {}).get(entity._type.attribute(name).column or "")

    def get_user(self) -> Entity:
        """The user on whose behalf things are done: of `acting_as`, else of `set_user`, else the system user."""
        acting = _ACTING.get()
        if acting is not None:
            return acting
        if self._user is None:
            self._user = self.make_system_user()
        return self._user

    def set_user(self, user: Entity | None) -> None:
        """Do things on behalf of this user, or of the system user, from now on, in the whole process."""
        self._user = user

    @contextmanager
    def acting_as(self, user: Entity) -> Iterator[None]:
        """Inside, this thread or task, and those to which its context is handed, do things on behalf of this user."""
        token = _ACTING.set(user)
        try:
            yield
        finally:
            _ACTING.reset(token)

    @property
    def user_id(self) -> str:
        """The id of `get_user()`."""
        acting = _ACTING.get()
        if acting is not None:
            return acting.id
        return self._system_user_id if self._user is None else self._user.id

    @property
    def system_user_id(self) -> str:
        """The id of the user for what nobody asked for."""
        return self._system_user_id

    def make_system_user(self) -> Entity:
        """The user for what nobody asked for; it is in no table."""
        return self.hydrate(
            "User",
            {
                "id": self._system_user_id,
                "name": "System",
                "user_name": "system",
                "is_active": True,
                "is_admin": True,
                "type": "system",
                "deleted": False,
            },
        )

    def reload(self) -> None:
        """Forget the entity types and repositories, as the metadata have changed."""
        self.schema.reload()
        self._repositories.clear()

    def _make_repository(self, entity_type: str) -> Repository:
        definition, table = self.schema.entity_type(entity_type), self.schema.table(entity_type)
        base = _REPOSITORIES.get(definition.kind, Repository)
        repository_class = self._class_finder.find("Repositories", entity_type, base)
        entity_class = self._class_finder.find("Entities", entity_type, Entity)
        return repository_class(definition, table, entity_class, self)
