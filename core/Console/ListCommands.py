"""`list`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output
from core.terminal.table import natural, write_table

# Beside the longest words of core's commands on a terminal of 80 columns.
_LINE_WIDTH = 55


class ListCommands(AbstractConsole):
    """Shows every command that is not hidden, in natural order."""

    @staticmethod
    def get_description() -> str:
        return "Show all existing commands and their descriptions."

    def run(self, params: dict[str, Any]) -> int:
        rows: list[tuple[str, str]] = []
        commands = self.get_container().get("consoleManager").visible_commands
        for command in sorted(commands, key=lambda each: natural(each.pattern.words)):
            rows.append((command.pattern.words, command.description))
            rows += [("", options) for options in _in_lines(command.pattern.option_words)]
        output.info("Available commands:")
        write_table(rows, colour=output.GREEN)
        return 0


def _in_lines(words: Sequence[str]) -> list[str]:
    """The words in lines that fit beside the patterns on an ordinary terminal."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < _LINE_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
