"""`modules`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output
from core.terminal.table import write_table

_COLUMNS = ("module", "version", "loadOrder", "path", "description")


class Modules(AbstractConsole):
    """Shows the modules in load order, and those that were set aside with the reason."""

    @staticmethod
    def get_description() -> str:
        return "Show the modules in load order."

    def run(self, params: dict[str, Any]) -> int:
        manager = self.get_container().get("moduleManager")
        modules = [
            {
                "module": module.id,
                "name": module.name,
                "version": module.version,
                "loadOrder": module.load_order,
                "path": str(module.path),
                "description": module.description,
                "requires": list(module.requires),
            }
            for module in manager.modules
        ]
        set_aside = [
            {"module": each.module, "file": str(each.file), "line": each.line, "reason": each.reason}
            for each in manager.set_aside
        ]
        if params["json"]:
            output.write_json({"modules": modules, "setAside": set_aside})
            return 0
        write_table([[module[name] for name in _COLUMNS] for module in modules], _COLUMNS)
        for each in set_aside:
            place = each["file"] if each["line"] is None else f"{each['file']}:{each['line']}"
            output.warning(f"Set aside: {each['module']} ({place}): {each['reason']}")
        return 0
