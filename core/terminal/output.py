"""Writing to the terminal: data to standard output, errors to standard error, colour where somebody looks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

# AtroCore's colours.
GREEN = "0;32"
RED = "1;31"
CYAN = "0;36"
YELLOW = "0;33"
GREY = "0;90"


def write(text: str = "") -> None:
    """A line of data."""
    _put(sys.stdout, text)


def success(text: str) -> None:
    """A line that says what was done, in green."""
    _put(sys.stdout, paint(text, GREEN, sys.stdout))


def info(text: str) -> None:
    """A line about the data, in cyan."""
    _put(sys.stdout, paint(text, CYAN, sys.stdout))


def error(text: str) -> None:
    """A line that says what went wrong, in bold red, on standard error."""
    _put(sys.stderr, paint(text, RED, sys.stderr))


def warning(text: str) -> None:
    """A line that says what to look at, in yellow, on standard error."""
    _put(sys.stderr, paint(text, YELLOW, sys.stderr))


def note(text: str) -> None:
    """A plain line on standard error, for what is neither data nor wrong."""
    _put(sys.stderr, text)


def write_json(document: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document and nothing else on standard output."""
    _put(sys.stdout, json.dumps(document, indent=4, ensure_ascii=False))


def write_bytes(data: bytes) -> None:
    """A piece of a file as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def flush() -> None:
    """Let a reader have what was written so far."""
    sys.stdout.flush()


def paint(text: str, colour: str | None, stream: TextIO) -> str:
    """The text in a colour if the stream has any, else as it is."""
    return f"\033[{colour}m{text}\033[0m" if text and colour and has_colour(stream) else text


def has_colour(stream: TextIO) -> bool:
    """Whether the stream is a terminal whose user wants colour (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at what is written to the stream."""
    return not stream.closed and stream.isatty()


def _put(stream: TextIO, text: str) -> None:
    # One write a line, so that lines of two processes do not mix; a name from elsewhere may hold what the
    # terminal's encoding has no letter for.
    line = f"{text}\n"
    encoding = stream.encoding or "utf-8"
    stream.write(line.encode(encoding, "backslashreplace").decode(encoding))
