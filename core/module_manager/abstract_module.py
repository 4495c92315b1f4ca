"""What `Module.py` of a module extends: its overridable methods are the hooks that modules contribute by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pluggy

from core.container import Container
from core.module_manager.manifest import Manifest

PROJECT = "pyatro"
hook = pluggy.HookspecMarker(PROJECT)


class AbstractModule:
    """A module as its own code sees itself.

    A subclass overrides hooks only: a public method that is none of them is refused, so that a misspelt one is noticed.
    Methods of its own begin with an underscore.
    """

    def __init__(self, id: str, path: Path, manifest: Manifest) -> None:  # noqa: A002 - AtroCore's word for it
        self.id = id
        self.path = path
        self.manifest = manifest

    @hook
    def get_load_order(self) -> int:
        """Where the module stands among the others: lower ones load first, higher ones override what those brought."""
        return self.manifest.load_order

    @hook
    def on_load(self, container: Container) -> None:
        """Called once, when all metadata are there and before anything else is asked for: to register services."""

    @hook
    def get_console_commands(self) -> dict[str, str | type]:
        """Console commands by pattern: `{"greet <name>": "Example.Console.Greet"}`, or the class itself.

        The reference of a class is better: the file is loaded only when the command is used.
        """
        return {}

    @hook
    def load_layouts(self, scope: str, name: str, data: list[Any]) -> list[Any]:
        """Change what core and the earlier modules make of a layout, before the module's own file is added to it.

        Answers the layout to go on with: `data`, changed or not, or another one; `[]` begins anew.
        """
        return data
