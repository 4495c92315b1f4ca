"""Processes that a job forks, as `multiprocessing` does: they are no workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

from core.job_manager.channel import Channel

_Handler = Callable[[int, FrameType | None], None]
_SIGTERM = {signal.SIGTERM}


class ForkedChildren:
    """Takes the channel to the daemon away from children that this process forks, and lets SIGTERM end them."""

    def __init__(self, channel: Channel, on_terminate: _Handler) -> None:
        self._pid = os.getpid()
        self._channel = channel
        self._on_terminate = on_terminate
        self._mask: set[int] = set()
        # Blocked meanwhile: Python forgets a signal that comes before the handler is changed.
        os.register_at_fork(before=self._block, after_in_parent=self._unblock, after_in_child=self._become_ordinary)

    def am_i_one(self) -> bool:
        """Whether the calling process is such a child: it may have come out of the job's code as its parent did."""
        return os.getpid() != self._pid

    def _block(self) -> None:
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGTERM)

    def _unblock(self) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _become_ordinary(self) -> None:
        self._channel.close()
        if signal.getsignal(signal.SIGTERM) == self._on_terminate:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._unblock()
