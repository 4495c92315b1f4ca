"""What interrupts the loop's wait: signals, and other threads."""

from __future__ import annotations

import selectors
import signal
import socket
from contextlib import suppress


class WakeUp:
    """A pair of sockets: whoever writes into one end ends the wait of the selector, which has the other."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        selector.register(self._near, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)

    def call(self) -> None:
        """Wake the loop; from any thread."""
        with suppress(OSError):
            self._far.send(b"\0")

    def hear(self, ready: list[object]) -> None:
        """Take what has come, where it is among what the selector found."""
        if self._near in ready:
            with suppress(BlockingIOError):
                self._near.recv(4096)

    def close(self) -> None:
        """No signal is heard any more."""
        signal.set_wakeup_fd(-1)
        self._near.close()
        self._far.close()
