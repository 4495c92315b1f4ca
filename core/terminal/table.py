"""Tables of plain text, the same on a terminal and in a pipe; rich would cost more than most commands."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Sequence

from core.terminal.output import GREEN, is_terminal, paint, write

GAP = "  "
CUT = "…"


def write_table(rows: Sequence[Sequence[object]], header: Sequence[str] = (), *, colour: str | None = None) -> None:
    """Rows in columns with a green header; `colour` is that of the first column.

    On a terminal a row is cut at its width; in a pipe it is whole.
    """
    cells = [[flat(cell) for cell in row] for row in rows]
    lines = [list(header), *cells] if header else cells
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    room = _terminal_width()
    for number, line in enumerate(lines):
        is_header = bool(header) and number == 0
        text = cut(GAP.join(_pad(cell, size) for cell, size in zip(line, widths, strict=True)).rstrip(), room)
        end = len(text) if is_header else min(len(text), len(line[0]))
        write(paint(text[:end], GREEN if is_header else colour, sys.stdout) + text[end:])


def flat(value: object) -> str:
    """The value as one line without control characters: a job's message may hold anything."""
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(letter) else 2 if _is_wide(letter) else 1 for letter in text)


def natural(text: str) -> list[tuple[int, str]]:
    """A key to sort by: `job 9` comes before `job 10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)]


def cut(text: str, room: int | None) -> str:
    """The text in at most so many columns, with an ellipsis if something is missing."""
    if room is None or width(text) <= room:
        return text
    while text and width(text) >= room:
        text = text[:-1]
    return text + CUT


def _pad(text: str, size: int) -> str:
    return text + " " * (size - width(text))


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _terminal_width() -> int | None:
    if not is_terminal(sys.stdout):
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:
        return None
