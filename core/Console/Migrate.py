"""`migrate`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import clock
from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError
from core.terminal import output

if TYPE_CHECKING:  # the database's library
    from core.migrator import MigrationFile, Migrator


class Migrate(AbstractConsole):
    """Runs all migrations that are pending; or those of a module from one version to another, forwards or back."""

    @staticmethod
    def get_description() -> str:
        return "Run migration."

    def run(self, params: dict[str, Any]) -> int:
        module, start, end = params["module"], params["from"], params["to"]
        if module and not (start and end):
            raise ConsoleError('"migrate" needs nothing, or a module and two versions: migrate <module> <from> <to>.')
        migrator: Migrator = self.get_container().get("migrator")
        run = migrator.migrate(module, start, end, _say) if module else migrator.run_pending(_say)
        if not run:
            output.success("There are no migrations to run.")
        for warning in self.get_container().get("dataManager").warnings:
            output.warning(warning)
        return 0


def _say(migration: MigrationFile) -> None:
    # AtroCore's line.
    output.write(f"{clock.now():%d.%m.%Y %H:%M:%S} | Run migration {migration}")
    output.flush()
