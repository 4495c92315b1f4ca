"""Processes that a job forks, as `multiprocessing` does: they are no workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

from core.job_manager.channel import Channel

_Handler = Callable[[int, FrameType | None], None]
_SIGTERM = {signal.SIGTERM}


def detach_forked_children(channel: Channel, on_terminate: _Handler) -> None:
    """Take the channel to the daemon away from children that this process forks, and let SIGTERM end them."""
    masks: list[set[int]] = []

    def block() -> None:
        # Blocked meanwhile: Python forgets a signal that comes before the handler is changed.
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, _SIGTERM))

    def unblock() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, masks.pop())

    def become_ordinary() -> None:
        channel.close()
        if signal.getsignal(signal.SIGTERM) == on_terminate:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        unblock()

    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=become_ordinary)
