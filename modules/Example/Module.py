"""The module itself. Without this file its jobs, listeners, services, translations and metadata work as well."""

from __future__ import annotations

from core.container import Container
from core.module_manager import AbstractModule


class Module(AbstractModule):
    def on_load(self, container: Container) -> None:
        """Register services, or replace those of others: who registers a name last has it."""
        container.set_factory(
            "exampleGreeter", lambda container: container.get("serviceFactory").create("ExampleGreeter")
        )

    def get_console_commands(self) -> dict[str, str | type]:
        return {"example greet <name>": "Example.Console.Greet"}
