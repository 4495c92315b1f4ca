"""What of a module could not be loaded: the rest works, and this is shown in the log, in `check` and in the panel."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from core.exceptions import text_of


@dataclass(frozen=True)
class SetAside:
    """A module, or a file of it, that is left out; `line` where one is known."""

    module: str
    file: Path | None
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.reason}"


def set_aside(module: str, directory: Path, file: Path, error: BaseException) -> SetAside:
    """The report of an error: where in the module's directory it was raised last, else the file that was loaded."""
    where, line = place_in(directory, error) or (file, None)
    return SetAside(module, where, line, reason_of(error))


def place_in(directory: Path, error: BaseException) -> tuple[Path, int | None] | None:
    """File and line of a directory where an error was raised last; None where it was raised elsewhere."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    inside = [(Path(name), line) for name, line in places if Path(name).is_relative_to(directory)]
    return inside[-1] if inside else None


def reason_of(error: BaseException) -> str:
    """An error in one line: `ModuleNotFoundError: No module named 'pandas'`."""
    text = error.msg if isinstance(error, SyntaxError) else text_of(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def in_one_line(text: str) -> str:
    r"""A name of a file as a message shows it: a line break, and what else cannot be printed, as `\n`."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
