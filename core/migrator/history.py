"""What the database knows of migrations: from which version on a module was here, and which migrations have run."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, inspect, select

from core import clock
from core.migrator.version import Version
from core.orm.migration_table import MIGRATIONS
from core.orm.schema_state import read_state_group, write_state

#: What is remembered under this prefix: the version at which a module was first seen, or down to which it was taken.
_FIRST = "module:"


def first_versions(connection: Connection) -> dict[str, Version]:
    """By module, the version whose migrations and those before it are not needed: its tables were made as of then."""
    return {module: Version.parse(text) for module, text in read_state_group(connection, _FIRST).items()}


def set_first_versions(connection: Connection, versions: Mapping[str, Version]) -> None:
    """Remember from which version on these modules are here."""
    write_state(connection, {f"{_FIRST}{module}": str(version) for module, version in versions.items()})


def versions_run(connection: Connection) -> set[tuple[str, Version]]:
    """Module and version of all migrations that have run."""
    if not inspect(connection).has_table(MIGRATIONS.name):  # before the first use of a database
        return set()
    rows = connection.execute(select(MIGRATIONS.c.module, MIGRATIONS.c.version))
    return {(row.module, Version.parse(row.version)) for row in rows}


def note_run(connection: Connection, module: str, version: Version) -> None:
    """A migration has run."""
    note_undone(connection, module, version)
    connection.execute(insert(MIGRATIONS).values(module=module, version=str(version), run_at=clock.now()))


def note_undone(connection: Connection, module: str, version: Version) -> None:
    """A migration was taken back."""
    connection.execute(delete(MIGRATIONS).where(MIGRATIONS.c.module == module, MIGRATIONS.c.version == str(version)))
