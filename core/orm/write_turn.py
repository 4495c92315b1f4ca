"""Taking turns to write on one SQLite file.

SQLite's own busy wait polls, and a writer beside a committing loop starves. A lock that the kernel queues (`flock`) is
handed on within a millisecond, so every writing transaction of every process takes it first.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

from core.exceptions import DatabaseBusy, DatabaseUnavailable
from core.lock_file import open_lock_file


class WriteTurn:
    """The right to write, held by one thread of one process at a time.

    A process that forks may use it in the child as well: the child takes turns of its own.
    """

    def __init__(self, path: Path, timeout_seconds: float) -> None:
        self._path = path
        self._timeout_seconds = timeout_seconds
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._threads = threading.Lock()
        self._descriptor: int | None = None
        self._held = False
        self._waiter: _Waiter | None = None

    def wait_at_most(self, seconds: float) -> None:
        """How long `acquire` waits from now on."""
        self._timeout_seconds = seconds

    @property
    def is_held(self) -> bool:
        """Whether this process holds the turn."""
        return self._held and self._pid == os.getpid()

    def acquire(self) -> None:
        """Wait for the turn; raises DatabaseBusy after `timeout_seconds`."""
        self._notice_fork()
        if not self._threads.acquire(timeout=self._timeout_seconds):
            raise self._too_long()
        try:
            if not self._lock_now() and not self._lock_within(self._timeout_seconds):
                raise self._too_long()
            self._held = True
        except BaseException:
            self._unlock()
            raise

    def try_acquire(self) -> bool:
        """Take the turn if nobody has it."""
        self._notice_fork()
        if not self._threads.acquire(blocking=False):
            return False
        try:
            self._held = self._lock_now()
        finally:
            if not self._held:
                self._threads.release()
        return self._held

    def acquire_soon(self, granted: Callable[[], None]) -> None:
        """Queue for the turn without waiting; `granted` is called from another thread when `take_granted` will succeed.

        A second call while one is queued changes nothing.
        """
        self._notice_fork()
        if self._waiter is None:
            self._waiter = _Waiter(self._path, granted)
            self._waiter.begin()

    def take_granted(self) -> bool:
        """Whether the turn that was queued for has come; then this process holds it."""
        waiter = self._waiter
        if waiter is None or not waiter.is_granted:
            return False
        if not self._threads.acquire(blocking=False):
            return False
        self._waiter = None
        self._adopt(waiter.take())
        self._held = True
        return True

    def stop_waiting(self) -> None:
        """Leave the queue; a turn that has come already goes to the next."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.abandon()

    def release(self) -> None:
        """Give the turn back; harmless in a forked child that never held it."""
        if self.is_held:
            self._unlock()

    def close(self) -> None:
        """Give the turn back, whoever has it in this process, and close the lock file."""
        self.stop_waiting()
        if self._descriptor is not None and self._pid == os.getpid():
            os.close(self._descriptor)  # which unlocks it
        self._reset()

    def _notice_fork(self) -> None:
        # A forked child shares the parent's open file, and with it the parent's lock: it must open one of its own.
        if self._pid != os.getpid():
            self._reset()

    def _unlock(self) -> None:
        self._held = False
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._threads.release()

    def _lock_now(self) -> bool:
        if self._descriptor is None:
            self._descriptor = _open(self._path)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock_within(self, timeout_seconds: float) -> bool:
        # flock has no time-out of its own; the wait is a thread's, and a wait that is given up frees what it gets.
        waiter = _Waiter(self._path)
        try:
            waiter.begin()
            if waiter.wait(timeout_seconds):
                self._adopt(waiter.take())
                return True
        except BaseException:  # a job that is interrupted while it waits, or while it adopts what it waited for
            if self._descriptor != waiter.descriptor:
                waiter.abandon()
            raise
        waiter.abandon()
        return False

    def _adopt(self, descriptor: int) -> None:
        # In this order: who is interrupted in between has a descriptor that is open.
        former, self._descriptor = self._descriptor, descriptor
        if former is not None:
            os.close(former)

    def _too_long(self) -> DatabaseBusy:
        return DatabaseBusy(
            f"Another process has been writing to the database for over {self._timeout_seconds:g} s "
            f"(lock file {self._path}). Is a job keeping a transaction open?"
        )


def _open(path: Path) -> int:
    try:
        return open_lock_file(path)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The database cannot be written to: {path}: {error.strerror}. Does the file or its folder belong to "
            "another user, or is the disk read-only or full?"
        ) from error


class _Waiter:
    """One wait for the lock, on a thread and an open file of its own."""

    def __init__(self, path: Path, granted: Callable[[], None] | None = None) -> None:
        self.descriptor = _open(path)
        self._granted = granted
        self._done = threading.Event()
        self._guard = threading.Lock()
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, name="write-turn", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    @property
    def is_granted(self) -> bool:
        return self._done.is_set()

    def wait(self, timeout_seconds: float) -> bool:
        return self._done.wait(timeout_seconds)

    def take(self) -> int:
        self._thread.join()
        return self.descriptor

    def abandon(self) -> None:
        with self._guard:
            self._abandoned = True
            if self._done.is_set():
                os.close(self.descriptor)

    def _run(self) -> None:
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        with self._guard:
            if self._abandoned:
                os.close(self.descriptor)
                return
            self._done.set()
        if self._granted is not None:
            self._granted()


class FreeTurn:
    """The turn of a database in which many write at a time: everybody always has it."""

    @property
    def is_held(self) -> bool:
        """Everybody has it."""
        return True

    def acquire(self) -> None:
        """There is nothing to wait for."""

    def try_acquire(self) -> bool:
        """There is nothing to wait for."""
        return True

    def acquire_soon(self, granted: Callable[[], None]) -> None:
        """Nobody asks, as `try_acquire` never fails."""
        granted()

    def take_granted(self) -> bool:
        """There is nothing to wait for."""
        return True

    def stop_waiting(self) -> None:
        """There is no queue."""

    def release(self) -> None:
        """There is nothing to give back."""

    def wait_at_most(self, seconds: float) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """There is nothing to close."""
