"""Runs the migrations of core and the modules, each once and in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from core.container import Container
from core.exceptions import ConsoleError, MigrationError, did_you_mean
from core.Migrations import AbstractMigration
from core.migrator.history import (
    first_versions,
    note_run,
    note_undone,
    set_first_versions,
    versions_run,
)
from core.migrator.migration_file import MigrationFile, find_migrations, misnamed_files, misnamed_folders
from core.migrator.version import Version
from core.orm import Database
from core.orm.schema_state import in_short, read_state, write_state
from core.sentence import Sentence
from core.set_aside import place_in, reason_of

CORE, _ATRO = "core", "Atro"
# What is remembered in the database: the modules, versions and files that it was looked through for, and what was
# found to be waiting.
_FINGERPRINT, _PENDING = "migrations", "migrations.pending"
_TRANSACTIONAL = ("sqlite", "postgresql")
_UNDONE = "What it did is undone. Mend it, and run it again."
_MAY_STAY = (
    "Changes of tables that it made before stay, as MariaDB commits each of them by itself, and so does what it wrote "
    "before the last of them. It counts as not run: mend it, so that it may be run again, and run it again."
)
_NO_TIME = datetime.min.replace(tzinfo=UTC)

#: Is told of each migration before it runs.
Listener = Callable[[MigrationFile], None]
Condition = Callable[[Connection, MigrationFile], bool]


@dataclass(frozen=True, slots=True)
class Owner:
    """Core or a module, in the load order; `version` is what its manifest says."""

    id: str
    package: str
    path: Path
    version: str | None


class Migrator:
    """The migrations of core and the modules, in load order.

    A module that is seen for the first time has its tables from the present metadata: none of its migrations up to its
    version is needed. Of one that was there before those up to its present version are pending until they have run.
    """

    def __init__(self, owners: Sequence[Owner], database: Database, container: Container) -> None:
        self._owners = {owner.id: owner for owner in owners}
        self._database = database
        self._container = container
        self._waiting = ""

    @property
    def warning(self) -> Sentence | None:
        """Which migrations are pending, and what runs them; as `is_current` or `observe` found it."""
        if not self._waiting:
            return None
        return Sentence(
            "Migrations are pending: {migrations}. Run them with: python console.py migrate", migrations=self._waiting
        )

    def is_current(self, connection: Connection) -> bool:
        """Whether the database knows the modules as they are, by one cheap read."""
        state = read_state(connection, (_FINGERPRINT, _PENDING))
        self._waiting = state.get(_PENDING, "")
        return state.get(_FINGERPRINT) == self._fingerprint()

    def warning_of(self, connection: Connection) -> Sentence | None:
        """The same, as the next use would find it; nothing is written."""
        if not self.is_current(connection):
            self._waiting = in_short([str(each) for each in self._pending(connection)])
        return self.warning

    def observe(self, connection: Connection) -> None:
        """Remember the versions of modules that are new, and what is pending. Needs a writing transaction."""
        known = first_versions(connection)
        new = {owner: version for owner in self._owners if owner not in known and (version := self._version(owner))}
        if new:
            set_first_versions(connection, new)
        self._remember(connection)

    def pending(self) -> list[MigrationFile]:
        """The migrations that have to run, in order; MigrationError where one of them cannot be loaded."""
        with self._database.read() as connection:
            return self._in_order(self._pending(connection))

    def run_pending(self, listener: Listener) -> list[MigrationFile]:
        """Run them, each in a transaction of its own, and answer which; MigrationError at the first that fails."""
        return [each for each in self.pending() if self._run(each, listener, self._is_pending)]

    def migrate(self, module: str, start: str, end: str, listener: Listener) -> list[MigrationFile]:
        """Run a module's migrations after one version up to another, or take them back, the last first (AtroCore 1.3).

        Raises ConsoleError for a module or version that is none, MigrationError at the first that fails.
        """
        owner = self._owner(module)
        first, last = _version(start), _version(end)
        low, high = min(first, last), max(first, last)
        chosen = [each for each in self._files(owner) if low < each.version <= high]
        if first > last:
            return [each for each in reversed(chosen) if self._take_back(each, listener, lowest=low)]
        return [each for each in chosen if self._run(each, listener)]

    def check(self) -> list[str]:
        """All that is wrong with files and classes of migrations, and with the versions that they depend on."""
        return [problem for owner in self._owners.values() for problem in self._problems(owner)]

    def _problems(self, owner: Owner) -> Iterator[str]:
        yield from misnamed_files(owner.path)
        yield from misnamed_folders(owner.path)
        files = self._files(owner)
        for migration in files:
            try:
                migration.load()
            except MigrationError as error:
                yield str(error)
        if owner.version is not None and self._version(owner.id) is None:
            yield f"{owner.path / 'module.yaml'}: the version {owner.version!r} is none; write it as 1.2.3."
        elif files and owner.version is None:
            yield f"{owner.id} has migrations, but no version: they never run. Write it into module.yaml."

    def _pending(self, connection: Connection) -> list[MigrationFile]:
        first, run = first_versions(connection), versions_run(connection)
        pending = []
        for owner in self._owners.values():
            version, known = self._version(owner.id), first.get(owner.id)
            if version is not None and known is not None:
                waiting = (each for each in self._files(owner) if known < each.version <= version)
                pending += [each for each in waiting if (owner.id, each.version) not in run]
        return pending

    def _in_order(self, migrations: Iterable[MigrationFile]) -> list[MigrationFile]:
        """By the moment that each names, those of one module by version; those without one first, in load order."""
        latest: dict[str, datetime] = {}
        keyed = []
        for migration in migrations:
            moment = self._make(migration).get_migration_date_time() or _NO_TIME
            latest[migration.module] = max(latest.get(migration.module, _NO_TIME), moment)
            keyed.append(((latest[migration.module], migration.place, migration.version), migration))
        return [migration for _, migration in sorted(keyed, key=lambda pair: pair[0])]

    def _is_pending(self, connection: Connection, migration: MigrationFile) -> bool:
        """Whether nobody else has run it meanwhile."""
        return (migration.module, migration.version) not in versions_run(connection)

    def _run(self, migration: MigrationFile, listener: Listener, is_wanted: Condition | None = None) -> bool:
        made = self._make(migration)
        with self._carrying_out(migration) as connection:
            if is_wanted is not None and not is_wanted(connection, migration):
                return False
            listener(migration)
            made.up()
            note_run(connection, migration.module, migration.version)
            self._remember(connection)
        return True

    def _take_back(self, migration: MigrationFile, listener: Listener, lowest: Version) -> bool:
        made = self._make(migration)
        if type(made).down is AbstractMigration.down:
            raise MigrationError(
                f"The migration of {migration.module} to {migration.version} cannot be taken back, as {migration.file} "
                "has no down(): Downgrade is prohibited."
            )
        with self._carrying_out(migration) as connection:
            listener(migration)
            made.down()
            note_undone(connection, migration.module, migration.version)
            first = first_versions(connection).get(migration.module)
            if first is not None and first >= migration.version:
                before = [each.version for each in self._files(self._owners[migration.module])]
                left = max((each for each in before if each < migration.version), default=lowest)
                set_first_versions(connection, {migration.module: max(left, lowest)})
            self._remember(connection)
        return True

    @contextmanager
    def _carrying_out(self, migration: MigrationFile) -> Iterator[Connection]:
        """One transaction for what the migration does and for the note of it; no two processes are in here."""
        try:
            with self._database.write_alone() as connection:
                yield connection
        except Exception as error:  # a module's migration may raise anything
            raise MigrationError(self._why_not(migration, error)) from error

    def _why_not(self, migration: MigrationFile, error: Exception) -> str:
        place, line = place_in(migration.file.parent, error) or (migration.file, None)
        where = f"{place}, line {line}" if line else str(place)
        stays = _UNDONE if self._database.engine.dialect.name in _TRANSACTIONAL else _MAY_STAY
        return (
            f"The migration of {migration.module} to {migration.version} failed ({where}): {reason_of(error)}\n{stays}"
        )

    def _make(self, migration: MigrationFile) -> AbstractMigration:
        return self._container.build(migration.load())

    def _remember(self, connection: Connection) -> None:
        pending = self._pending(connection)
        self._waiting = in_short([str(each) for each in pending])
        write_state(connection, {_FINGERPRINT: self._fingerprint(), _PENDING: self._waiting or None})

    def _fingerprint(self) -> str:
        known = [
            [owner.id, owner.version, [str(each.version) for each in self._files(owner)]]
            for owner in self._owners.values()
        ]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()

    def _files(self, owner: Owner) -> list[MigrationFile]:
        place = list(self._owners).index(owner.id)
        return find_migrations(owner.id, owner.package, owner.path, place)

    def _owner(self, module: str) -> Owner:
        found = self._owners.get(CORE if module == _ATRO else module)
        if found is None:
            raise ConsoleError(f"There is no module '{module}'.{did_you_mean(module, self._owners)}")
        return found

    def _version(self, owner: str) -> Version | None:
        try:
            return Version.parse(self._owners[owner].version or "")
        except ValueError:
            return None


def _version(text: str) -> Version:
    try:
        return Version.parse(text)
    except ValueError as error:
        raise ConsoleError(str(error)) from error
