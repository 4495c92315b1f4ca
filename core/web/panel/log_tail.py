"""The end of a job's log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.access import Redaction

_MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class LogTail:
    """The last lines of a file of `size` bytes; `is_cut` where there are others before."""

    text: str
    size: int
    is_cut: bool


def read_tail(path: Path, redaction: Redaction) -> LogTail | None:
    """The last 64 KiB, from the beginning of a line, without secrets; None where there is no such file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MOST_BYTES))
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
    is_cut = size > _MOST_BYTES
    if is_cut:
        content = content.partition(b"\n")[2] or content
    return LogTail(str(redaction.redact(content.decode(errors="replace"))), size, is_cut)
