"""What the jobs of every system do; it runs in their virtual environment. `Bench/Jobs/Tick.py` is the same for ours."""

from __future__ import annotations

import fcntl
import os
import struct
from functools import cache
from pathlib import Path

#: Made for one run, and empty at its start.
FOLDER = Path(os.environ.get("PEER_FOLDER", "."))
#: Of the server, if the system needs one.
SERVER = os.environ.get("PEER_SERVER", "")
#: For queues, so that what others have on the same server is left alone.
QUEUE = os.environ.get("PEER_QUEUE", "pyatro-benchmark")

RECORD = struct.Struct("<Q")


def tick(number: int) -> None:
    """Nothing, but for a note that it ran: eight bytes at the end of a file, in one system call."""
    os.write(_descriptor("ticks"), RECORD.pack(number))


def gate(number: int) -> None:
    """Notes that it runs, and keeps its worker busy, without a poll, until the lock on the gate's file is let go."""
    os.write(_descriptor("gates"), RECORD.pack(number))
    with (FOLDER / "gate").open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)


@cache
def _descriptor(name: str) -> int:
    return os.open(FOLDER / name, os.O_WRONLY | os.O_APPEND)
