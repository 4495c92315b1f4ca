"""The processes of a folder, as `/proc` shows them: tests look again and again, so it takes bare system calls."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

_MOST_BYTES = 65_536


def processes_of(folder: Path) -> list[psutil.Process]:
    """Living processes with this folder in their command line or as their working directory, and their children.

    Our own process and those above it are not among them.
    """
    named = re.compile(rf"{re.escape(str(folder))}(?![\w.-])")
    own = {pid for pid in _pids() if named.search(title_of(pid)) or _working_directory(pid) == str(folder)}
    if not own:
        return []
    parents = dict(_parents())
    own -= set(_line_of(os.getpid(), parents))
    found = []
    for pid in sorted(parents):
        if not own.isdisjoint(_line_of(pid, parents)):
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(pid))
    return found


def title_of(pid: int) -> str:
    """The command line as one text; a title that the process gave itself stands in its place. Empty if it is gone."""
    return _read(pid, "cmdline").decode(errors="replace").replace("\0", " ").rstrip()


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - names suffice


def _parents() -> Iterator[tuple[int, int]]:
    """Each living process and its parent; a zombie, for which nobody has waited, is dead."""
    for pid in _pids():
        state, parent, *_ = _read(pid, "stat").rpartition(b")")[2].split() or (b"X", 0)
        if state not in (b"Z", b"X", b"x"):
            yield pid, int(parent)


def _line_of(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    """The process, its parent, the parent of that, ..."""
    while pid in parents:
        yield pid
        pid = parents[pid]


def _working_directory(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115 - a Path takes longer than the call
    except OSError:  # it is gone, a zombie, or somebody else's
        return ""


def _read(pid: int, name: str) -> bytes:
    """A file about the process; empty if it is gone."""
    try:
        descriptor = os.open(f"/proc/{pid}/{name}", os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _MOST_BYTES)
    except ProcessLookupError:  # it ended meanwhile
        return b""
    finally:
        os.close(descriptor)
