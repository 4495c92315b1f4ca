"""`python console.py example greet <name>`"""

from __future__ import annotations

from typing import Any

from core.Console import AbstractConsole


class Greet(AbstractConsole):
    @staticmethod
    def get_description() -> str:
        return "Greet somebody."

    def run(self, params: dict[str, Any]) -> None:
        print(self.get_container().get("exampleGreeter").greet(params["name"]))  # noqa: T201 - a console command prints
