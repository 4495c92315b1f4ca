"""What the database knows of migrations: from which version on a module was here, and which migrations have run."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect, select
from sqlalchemy.schema import CreateTable

from core import clock
from core.migrator.version import Version
from core.orm.column_types import TABLE_OPTIONS, Moment
from core.orm.schema_state import read_state_group, write_state

#: What is remembered under this prefix: the version at which a module was first seen, or down to which it was taken.
_FIRST = "module:"
_RUN = Table(
    "pyatro_migration",
    MetaData(),
    Column("module", String(150), primary_key=True),
    Column("version", String(40), primary_key=True),
    Column("run_at", Moment, nullable=False),
    **TABLE_OPTIONS,
)


def first_versions(connection: Connection) -> dict[str, Version]:
    """By module, the version whose migrations and those before it are not needed: its tables were made as of then."""
    return {module: Version.parse(text) for module, text in read_state_group(connection, _FIRST).items()}


def set_first_versions(connection: Connection, versions: Mapping[str, Version]) -> None:
    """Remember from which version on these modules are here."""
    write_state(connection, {f"{_FIRST}{module}": str(version) for module, version in versions.items()})


def versions_run(connection: Connection) -> set[tuple[str, Version]]:
    """Module and version of all migrations that have run."""
    if not _is_there(connection):
        return set()
    return {
        (row.module, Version.parse(row.version)) for row in connection.execute(select(_RUN.c.module, _RUN.c.version))
    }


def make_history(connection: Connection) -> None:
    """Make the table. Not beside a migration: making a table ends a transaction of MariaDB."""
    if not _is_there(connection):
        connection.execute(CreateTable(_RUN, if_not_exists=True))


def note_run(connection: Connection, module: str, version: Version) -> None:
    """A migration has run."""
    note_undone(connection, module, version)
    connection.execute(insert(_RUN).values(module=module, version=str(version), run_at=clock.now()))


def note_undone(connection: Connection, module: str, version: Version) -> None:
    """A migration was taken back."""
    connection.execute(delete(_RUN).where(_RUN.c.module == module, _RUN.c.version == str(version)))


def _is_there(connection: Connection) -> bool:
    return inspect(connection).has_table(_RUN.name)
