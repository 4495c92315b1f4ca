"""What one job may change in its process and the next one must not see."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import sys

# `signal` makes an enum of each answer, which takes most of its time.
from _signal import getsignal, pthread_sigmask  # type: ignore[import-not-found]  # typeshed does not know it
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
        self._environment = _environment().copy()
        self._umask = os.umask(0)
        os.umask(self._umask)
        self._handlers = {int(number): getsignal(number) for number in _SIGNALS}
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
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            if getsignal(number) is not handler:
                signal.signal(number, handler)
        pthread_sigmask(signal.SIG_SETMASK, ())
        os.umask(self._umask)
        if _working_directory() != self._directory:
            os.chdir(self._directory)
        if _environment() != self._environment:
            os.environ.clear()
            os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, value in self._environment.items()})
        if sys.path != self._path:
            sys.path[:] = self._path
        if socket.getdefaulttimeout() is not None:
            socket.setdefaulttimeout(None)
        if _logging() != self._logging:
            _restore_logging(self._logging)

    def what_stays(self) -> str | None:
        """What cannot be undone from within, so that this process must be replaced; None where nothing is left."""
        if self._has_leftover_thread():
            return "a thread was left over"
        if os.getpgrp() != self._group:
            return "it left its process group"
        return "its priority or its limits were changed" if _allowance() != self._allowance else None

    def _has_leftover_thread(self) -> bool:
        if thread_count() <= self._thread_count:
            return False
        # The kernel lists a thread for a moment after it was joined.
        return not clock.wait_until(lambda: thread_count() <= self._thread_count, _ENDING_SECONDS, every_seconds=0.002)


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


def _environment() -> dict[bytes, bytes]:
    # Comparing os.environ itself decodes every name and value, after every job.
    data: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]  # private, but the same in all versions
    return data


def _working_directory() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - after every job: Path.cwd() takes five times as long
    except FileNotFoundError:  # the job removed it
        return None


def _logging() -> list[Any]:
    return [logging.root.manager.disable, *((it.level, it.disabled, it.propagate, it.handlers[:]) for it in _LOGGERS)]


def _restore_logging(state: list[Any]) -> None:
    disabled, *states = state
    logging.disable(disabled)
    for each, (level, is_disabled, propagates, handlers) in zip(_LOGGERS, states, strict=True):
        each.setLevel(level)
        each.disabled, each.propagate, each.handlers[:] = is_disabled, propagates, handlers
