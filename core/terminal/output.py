"""Writing to the terminal: data to standard output, errors to standard error, colour where somebody looks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from core.exceptions import ConsoleError

# AtroCore's colours.
GREEN = "0;32"
RED = "1;31"
CYAN = "0;36"
YELLOW = "0;33"
GREY = "0;90"


def write(text: str = "") -> None:
    """A line of data."""
    _put(text)


def success(text: str) -> None:
    """A line that says what was done, in green."""
    _put(text, GREEN)


def info(text: str) -> None:
    """A line about the data, in cyan."""
    _put(text, CYAN)


def error(text: str) -> None:
    """A line that says what went wrong, in bold red, on standard error."""
    _say(text, RED)


def warning(text: str) -> None:
    """A line that says what to look at, in yellow, on standard error."""
    _say(text, YELLOW)


def note(text: str) -> None:
    """A plain line on standard error, for what is neither data nor wrong."""
    _say(text)


def write_json(document: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document and nothing else on standard output."""
    _put(json.dumps(document, indent=4, ensure_ascii=False))


def write_bytes(data: bytes) -> None:
    """A piece of a file as it is."""
    with _standard_output() as stream:
        stream.flush()
        stream.buffer.write(data)


def flush() -> None:
    """Let a reader have what was written so far."""
    if sys.stdout is not None:
        with _standard_output() as stream:
            stream.flush()


def discard() -> None:
    """Nobody reads standard output any more: what is left of it, and what comes, goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), sys.stdout.fileno())


def paint(text: str, colour: str | None, stream: TextIO | None) -> str:
    """The text in a colour if the stream has any, else as it is."""
    return f"\033[{colour}m{text}\033[0m" if text and colour and has_colour(stream) else text


def has_colour(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal whose user wants colour (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at what is written to the stream; None is one that was closed (`>&-`)."""
    return stream is not None and not stream.closed and stream.isatty()


def _say(text: str, colour: str | None = None) -> None:
    """A line on standard error; where it cannot be said, it is not."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(_line(paint(text, colour, sys.stderr), sys.stderr))


def _put(text: str, colour: str | None = None) -> None:
    with _standard_output() as stream:
        stream.write(_line(paint(text, colour, stream), stream))


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    if sys.stdout is None:
        raise ConsoleError("Standard output is closed, and there is something to write.")
    try:
        yield sys.stdout
    except BrokenPipeError:
        raise
    except OSError as error:
        discard()
        raise ConsoleError(f"Standard output cannot be written: {error.strerror}.") from error


def _line(text: str, stream: TextIO) -> str:
    # One write a line, so that lines of two processes do not mix; a name from elsewhere may hold what the
    # terminal's encoding has no letter for.
    encoding = stream.encoding or "utf-8"
    return f"{text}\n".encode(encoding, "backslashreplace").decode(encoding)
