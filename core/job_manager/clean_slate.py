"""What one job may change in its process and the next one must not see."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

_SIGNALS = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGPIPE,
    signal.SIGALRM,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCHLD,
)


class CleanSlate:
    """The state of this process now: working directory, environment, umask, signal handlers, time-outs."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self._environment = dict(os.environ)
        self._umask = os.umask(0)
        os.umask(self._umask)
        self._handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        self._path = list(sys.path)
        self._thread_count = thread_count()
        os.chdir(self._directory)

    def restore(self) -> None:
        """Undo what was changed since."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.umask(self._umask)
        if _working_directory() != self._directory:
            os.chdir(self._directory)
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        if sys.path != self._path:
            sys.path[:] = self._path
        if socket.getdefaulttimeout() is not None:
            socket.setdefaulttimeout(None)

    def has_leftover_thread(self) -> bool:
        """Whether a thread was left running: it cannot be ended from outside, so this process must be."""
        return thread_count() > self._thread_count


def thread_count() -> int:
    """How many threads this process has, those of C libraries too."""
    return Path("/proc/self/task").stat().st_nlink - 2


def _working_directory() -> str | None:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # the job removed it
        return None
