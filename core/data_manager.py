"""Bringing an installation's cache and database up to its files: AtroCore's dataManager."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from core.exceptions import SchemaError
from core.metadata import Metadata
from core.migrator import Migrator
from core.module_manager import ModuleManager
from core.orm import Database, Schema
from core.orm.schema_diff import Statement, Update

# A key that nobody knows takes nothing away.
_HARMLESS = ": unknown key '"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The statements that would make the database as it is defined, and what keeps them from being run."""

    statements: tuple[Statement, ...]
    obstacles: tuple[str, ...]


class DataManager:
    """Compares and changes the database as a whole; `is_current` and `prepare` are what its first use does."""

    def __init__(
        self,
        root: Path,
        metadata: Metadata,
        database: Database,
        schema: Schema,
        reload_entities: Callable[[], None],
        migrator: Migrator,
        modules: ModuleManager,
    ) -> None:
        self._root = root
        self._metadata = metadata
        self._database = database
        self._schema = schema
        self._reload_entities = reload_entities
        self._migrator = migrator
        self._modules = modules

    def is_current(self, connection: Connection) -> bool:
        """Whether the database was brought up to metadata and modules as they are now; cheap."""
        is_current = self._schema.is_current(connection)
        return self._migrator.is_current(connection) and is_current

    def prepare(self, connection: Connection) -> None:
        """Add what is missing in the database, and remember what cannot be added, and which modules are new."""
        self._schema.ensure(connection)
        self._migrator.observe(connection)

    @property
    def warnings(self) -> list[str]:
        """In what the database is behind, a sentence each with the command that mends it; as `is_current` found it."""
        return [warning for warning in (self._schema.warning, self._migrator.warning) if warning]

    def clear_cache(self) -> None:
        """Empty `data/cache`; what another process writes there meanwhile is fresh, and may stay."""
        shutil.rmtree(self._root / "data" / "cache", ignore_errors=True)

    def check(self) -> list[str]:
        """In what the database will be behind at its next use; nothing is changed, and no file is made.

        Raises DatabaseError where it cannot be reached.
        """
        if self._database.is_to_be_made:
            return []
        with self._database.write_alone() as connection:
            found = self._schema.warning_of(connection), self._migrator.warning_of(connection)
            return [warning for warning in found if warning]

    def rebuild(self) -> Update:
        """Clear the cache, merge the metadata anew, and make the database as they define it, but for drops.

        Raises SchemaError where the rows do not allow it.
        """
        self.clear_cache()
        self._metadata.reload()
        self._reload_entities()
        return self.update_schema()

    def compare_schema(self) -> Comparison:
        """What in the database differs from the metadata; nothing is changed."""
        with self._database.write_alone() as connection:
            diff = self._schema.compare(connection)
            return Comparison(tuple(diff.statements), tuple(diff.obstacles))

    def update_schema(self, *, with_drops: bool = False) -> Update:
        """Make the database as the metadata define it; drops only if they are asked for.

        Raises SchemaError where the rows do not allow it, or where drops would take what is needed.
        """
        with self._database.write_alone() as connection:
            self._migrator.observe(connection)
            if with_drops and (reasons := self._reasons_against_drops()):
                raise SchemaError("\n".join(["Nothing is dropped as long as something is wrong:", *reasons]))
            return self._schema.update(connection, with_drops=with_drops)

    def _reasons_against_drops(self) -> list[str]:
        """What would let a column or table look as if nobody needed it."""
        reasons = [f"The module '{each.module}' is set aside: {each}" for each in self._modules.set_aside]
        reasons += [text for text in self._metadata.problems if _HARMLESS not in text]
        reasons += self._schema.problems
        return [*reasons, *([self._migrator.warning] if self._migrator.warning else [])]
