"""`rebuild`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output


class Rebuild(AbstractConsole):
    """Clears the cache, merges the metadata anew, and makes the database as they define it, but for drops."""

    @staticmethod
    def get_description() -> str:
        return "Rebuild cache, metadata and database."

    def run(self, params: dict[str, Any]) -> int:
        manager = self.get_container().get("dataManager")
        for statement in manager.rebuild().done:
            output.write(f"{statement.sql};")
        output.success("Rebuild has been finished successfully.")
        for warning in manager.warnings:
            output.warning(warning)
        return 0
