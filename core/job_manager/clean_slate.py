"""What one job may change in its process and the next one must not see."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import sys

# `signal` makes an enum of each answer, which takes most of its time.
from _signal import (  # type: ignore[import-not-found]  # typeshed does not know it
    ITIMER_REAL,
    SIG_SETMASK,
    getsignal,
    pthread_sigmask,
    setitimer,
)
from pathlib import Path
from typing import Any

from core import clock
from core.log import logger

_ENDING_SECONDS = 0.5
_LIMITS = tuple(
    getattr(resource, f"RLIMIT_{name}") for name in ("AS", "CORE", "CPU", "DATA", "FSIZE", "NOFILE", "NPROC", "STACK")
)
_LOGGERS = (logging.getLogger(), logger)
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
    """The state of this process now: working directory, environment, umask, signal handlers, time-outs, logging."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self._environ = os.environ
        self._environment = _WatchedEnvironment()
        self._umask = os.umask(0)
        os.umask(self._umask)
        self._handlers = [(int(number), getsignal(number)) for number in _SIGNALS]
        self._path = list(sys.path)
        self._logging = _logging()
        self._thread_count = thread_count()
        self._group = os.getpgrp()
        self._allowance = _allowance()
        os.chdir(self._directory)

    def keep_logging(self) -> None:
        """The state of logging is to stay as it is now."""
        self._logging = _logging()

    def restore(self) -> None:
        """Undo what was changed since."""
        # After every job: each function that is not called is memory that need not come into the processor's cache.
        setitimer(ITIMER_REAL, 0)
        for number, handler in self._handlers:
            if getsignal(number) is not handler:
                signal.signal(number, handler)
        pthread_sigmask(SIG_SETMASK, ())
        os.umask(self._umask)
        try:
            is_elsewhere = os.getcwd() != self._directory  # noqa: PTH109 - Path.cwd() takes five times as long
        except FileNotFoundError:  # the job removed it
            is_elsewhere = True
        if is_elsewhere:
            os.chdir(self._directory)
        if os.environ is not self._environ:
            os.environ = self._environ  # noqa: B003 - it is the object that was there
        if self._environment.was_changed:
            self._environment.restore()
        if sys.path != self._path:
            sys.path[:] = self._path
        if socket.getdefaulttimeout() is not None:
            socket.setdefaulttimeout(None)
        if _logging() != self._logging:
            _restore_logging(self._logging)

    def what_stays(self) -> str | None:
        """What cannot be undone from within, so that this process must be replaced; None where nothing is left."""
        if thread_count() > self._thread_count and self._keeps_thread():
            return "a thread was left over"
        if os.getpgrp() != self._group:
            return "it left its process group"
        return "its priority or its limits were changed" if _allowance() != self._allowance else None

    def _keeps_thread(self) -> bool:
        # The kernel lists a thread for a moment after it was joined.
        return not clock.wait_until(lambda: thread_count() <= self._thread_count, _ENDING_SECONDS, every_seconds=0.002)


class _WatchedEnvironment(dict[bytes, bytes]):
    """What is behind `os.environ`, and notes each change: comparing all of it after every job took a tenth of a run."""

    def __init__(self) -> None:
        # The environment of texts and that of bytes share it.
        super().__init__(os.environb._data)  # type: ignore[attr-defined]  # private, but the same in all versions
        os.environ._data = os.environb._data = self  # type: ignore[attr-defined]  # as above
        self._former = dict(self)
        self.was_changed = False

    def __setitem__(self, name: bytes, value: bytes) -> None:
        self.was_changed = True
        super().__setitem__(name, value)

    def __delitem__(self, name: bytes) -> None:
        self.was_changed = True
        super().__delitem__(name)

    def restore(self) -> None:
        """Undo all changes, in the process's own environment too."""
        for name in [each for each in self if each not in self._former]:
            del os.environb[name]
        os.environb.update(self._former)
        self.was_changed = False


def thread_count() -> int:
    """How many threads this process has, those of C libraries too."""
    return os.stat("/proc/self/task").st_nlink - 2  # noqa: PTH116 - after every job: half the time of Path.stat


def _allowance() -> list[Any]:
    """What a process may take, and cannot give itself back once it has renounced it."""
    return [
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getscheduler(0),
        os.sched_getaffinity(0),
        *map(resource.getrlimit, _LIMITS),
    ]


def _logging() -> list[Any]:
    state: list[Any] = [logging.root.manager.disable]
    for it in _LOGGERS:
        state += it.level, it.disabled, it.propagate, it.handlers[:]
    return state


def _restore_logging(state: list[Any]) -> None:
    logging.disable(state[0])
    for position, each in enumerate(_LOGGERS):
        level, is_disabled, propagates, handlers = state[1 + 4 * position : 5 + 4 * position]
        each.setLevel(level)
        each.disabled, each.propagate, each.handlers[:] = is_disabled, propagates, handlers
