"""Telling the job manager of this machine that there is something to look at."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

#: What the database calls our announcements, where it passes them on to other machines.
CHANNEL = "pyatro_jobs"


def installation_id(root: Path) -> str:
    """Twelve hexadecimal digits that tell this installation from others on the machine: a number of its folder `data`.

    Several releases of the code may share it.
    """
    return hashlib.sha256(str((root / "data").resolve()).encode()).hexdigest()[:12]


def _address(root: Path) -> bytes:
    # Linux's abstract namespace: nothing on the disk that could be left over. See unix(7).
    return b"\0pyatro-" + installation_id(root).encode()


class Announcer:
    """Wakes the job manager of this machine; `tell_others` wakes those of other machines, where there is a way.

    Never waits, and does not mind if none runs.
    """

    def __init__(self, root: Path, tell_others: Callable[[str], None] | None = None) -> None:
        self._address = _address(root)
        self._tell_others = tell_others
        self._socket: socket.socket | None = None

    def announce(self) -> None:
        """Send one datagram. One that does not fit is not needed: as many as fit are waiting to be read."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with suppress(OSError):
            self._socket.sendto(b"1", self._address)
        if self._tell_others is not None:
            self._tell_others(CHANNEL)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class AnnouncementListener:
    """The job manager's end; a selector can wait on it.

    Raises OSError if another process listens for this installation.
    """

    def __init__(self, root: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind(_address(root))
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """For the selector."""
        return self._socket.fileno()

    def drain(self) -> None:
        """Take all announcements that have come."""
        with suppress(BlockingIOError):
            while True:
                self._socket.recv(16)

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
