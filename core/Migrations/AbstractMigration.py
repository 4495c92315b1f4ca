"""What migrations extend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.container import Container
from core.exceptions import Error

if TYPE_CHECKING:
    from alembic.operations import Operations

    from core.config import Config
    from core.metadata import Metadata
    from core.orm import Database, EntityManager


class AbstractMigration(ABC):
    """Base of the class in `Migrations/V<major>Dot<minor>Dot<patch>.py`: what that version does once to what is stored.

    It runs in a transaction; tables and columns of the present metadata are there already, and old ones still are.
    """

    def __init__(self, container: Container) -> None:
        self._container = container

    @abstractmethod
    def up(self) -> None:
        """From the version before to this one."""

    def down(self) -> None:
        """From this version to the one before."""
        raise Error("Downgrade is prohibited.")

    def get_migration_date_time(self) -> datetime | None:
        """When the migration was written, an aware moment; it orders migrations of several modules."""
        return None

    def execute(self, sql: str, /, **parameters: Any) -> int:
        """Run a statement with parameters written as `:name`, and answer how many rows it changed."""
        from sqlalchemy import text  # only a migration that speaks SQL needs it

        with self.get_connection().write() as connection:
            return int(connection.execute(text(sql), parameters).rowcount)

    def query(self, sql: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """The rows that a statement answers, as the driver gives their values."""
        from sqlalchemy import text  # see execute

        with self.get_connection().write() as connection:
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

    def has_table(self, table: str) -> bool:
        """Whether the database has a table."""
        from sqlalchemy import inspect  # see execute

        with self.get_connection().write() as connection:
            return inspect(connection).has_table(table)

    def has_column(self, table: str, column: str) -> bool:
        """Whether the database has the table, and it the column."""
        from sqlalchemy import inspect  # see execute

        with self.get_connection().write() as connection:
            inspector = inspect(connection)
            return inspector.has_table(table) and column in {each["name"] for each in inspector.get_columns(table)}

    def get_operations(self) -> Operations:
        """Alembic's operations on the database (`alter_column`, `create_index`, ...), the same on all of them."""
        from alembic.migration import MigrationContext  # a tenth of a second, for migrations that change tables
        from alembic.operations import Operations

        with self.get_connection().write() as connection:
            return Operations(MigrationContext.configure(connection))

    def get_connection(self) -> Database:
        """The database; `write()` answers the migration's own transaction."""
        database: Database = self._container.get("connection")
        return database

    def get_container(self) -> Container:
        """All services, also those that modules bring."""
        return self._container

    def get_entity_manager(self) -> EntityManager:
        """Reads and saves entities."""
        manager: EntityManager = self._container.get("entityManager")
        return manager

    def get_metadata(self) -> Metadata:
        """What core and the modules declare."""
        metadata: Metadata = self._container.get("metadata")
        return metadata

    def get_config(self) -> Config:
        """The settings of `data/config.py`."""
        config: Config = self._container.get("config")
        return config
