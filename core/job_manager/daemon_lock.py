"""The lock that makes a job manager the only one of its installation on its machine, and shows that it is well."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

from core import clock
from core.job_queue.process_identity import ProcessIdentity
from core.lock_file import open_lock_file

_PULSE_SECONDS = 1.0
_RECORD_BYTES = 300
# Looking at the lock takes it for a moment.
_LOOKING_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, and how long ago (seconds) it made its last round.

    `workers` is how many are ready, None before it has looked; `is_from_cron` says that nobody but `cron` starts it
    again; `version` is PyAtro's when it was started.
    """

    process: ProcessIdentity
    silent_seconds: float
    workers: int | None = None
    is_from_cron: bool = False
    version: str | None = None


class DaemonLock:
    """A lock that the kernel frees when its holder dies. The descriptor is inherited by nobody."""

    def __init__(self, root: Path) -> None:
        self._path = root / "data" / "job-manager.lock"
        self._descriptor: int | None = None
        self._pulse_at = 0.0
        self._facts: dict[str, str | int] = {}

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; who only looks (`is_held`) is waited for."""
        return clock.wait_until(self._try, _LOOKING_SECONDS)

    def _try(self) -> bool:
        descriptor = open_lock_file(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def is_held(self) -> bool:
        """Whether some process holds it."""
        if not self._path.exists():
            return False
        descriptor = open_lock_file(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def tell(self, **facts: str | int) -> None:
        """What the next pulses say of the holder: see `Holder`."""
        self._facts |= facts

    def pulse(self) -> None:
        """Say that the holder is well; writes once a second at most."""
        now = clock.monotonic()
        if self._descriptor is None or now - self._pulse_at < _PULSE_SECONDS:
            return
        self._pulse_at = now
        # A clock that nobody can set: stepping the wall clock must not make a holder look dead.
        own = {"process": str(ProcessIdentity.current()), "round_at": int(now * 1000) / 1000}
        # As long as any: what is longer than the next one would leave its end behind it.
        os.pwrite(self._descriptor, json.dumps({**own, **self._facts}).ljust(_RECORD_BYTES).encode(), 0)

    def holder(self) -> Holder | None:
        """Who holds the lock, as far as it has said so yet."""
        if not self.is_held():
            return None
        try:
            content = json.loads(self._path.read_text())
            process = ProcessIdentity.parse(content["process"])
        except (OSError, ValueError, KeyError):
            return None
        if not process.is_alive():
            return None
        return Holder(
            process,
            clock.monotonic() - content["round_at"],
            content.get("workers"),
            bool(content.get("is_from_cron")),
            content.get("version"),
        )

    def release(self) -> None:
        """Free the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
