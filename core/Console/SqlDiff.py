"""`sql diff`"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError
from core.terminal import output

if TYPE_CHECKING:  # the database's library
    from core.data_manager import DataManager
    from core.orm.schema_diff import Statement

_NOTHING = "No database changes were detected."


class SqlDiff(AbstractConsole):
    """Compares the database with the metadata: shows the SQL that would make it as they define it, or runs it."""

    @staticmethod
    def get_description() -> str:
        return "Show SQL diff, or run it."

    def run(self, params: dict[str, Any]) -> int:
        if params["show"] == params["run"]:
            raise ConsoleError('"sql diff" needs one of two: --show, or --run.')
        manager: DataManager = self.get_container().get("dataManager")
        if params["show"]:
            self._show(manager, with_drops=params["with-drops"], as_json=params["json"])
        else:
            self._run(manager, with_drops=params["with-drops"], as_json=params["json"])
        return 0

    def _show(self, manager: DataManager, *, with_drops: bool, as_json: bool) -> None:
        found = manager.compare_schema()
        if as_json:
            statements = [_as_dict(each) for each in found.statements]
            output.write_json({"statements": statements, "obstacles": list(found.obstacles)})
            return
        made = [each for each in found.statements if not each.is_drop]
        dropped = [each for each in found.statements if each.is_drop]
        _write_sql(made)
        if dropped and not with_drops:
            output.write("-- The following is run with --with-drops only:")
        _write_sql(dropped)
        for obstacle in found.obstacles:
            output.warning(obstacle)
        if not found.statements:
            output.success(_NOTHING)

    def _run(self, manager: DataManager, *, with_drops: bool, as_json: bool) -> None:
        update = manager.update_schema(with_drops=with_drops)
        if as_json:
            done, left = ([_as_dict(each) for each in statements] for statements in (update.done, update.left))
            output.write_json({"done": done, "left": left})
            return
        for statement in update.done:
            output.write(f"{statement.sql};{output.paint(' Done!', output.GREEN, sys.stdout)}")
        if not update.done:
            output.success(_NOTHING)
        if update.left:
            output.note(f"{len(update.left)} left over: --show shows them, --run --with-drops drops them.")


def _write_sql(statements: Sequence[Statement]) -> None:
    for statement in statements:
        output.write(f"{statement.sql};")


def _as_dict(statement: Statement) -> dict[str, Any]:
    return {"sql": statement.sql, "table": statement.table, "isDrop": statement.is_drop}
