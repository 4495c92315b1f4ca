"""The lock that makes a job manager the only one of its installation on its machine, and shows that it is well."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import clock
from core.job_queue.process_identity import ProcessIdentity
from core.lock_file import open_lock_file

_PULSE_SECONDS = 1.0
_RECORD_BYTES = 4096
_LONGEST_FACT = 500
# Looking at the lock takes it for a moment.
_LOOKING_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, how long ago (seconds) it made its last round, and since when its code is loaded.

    `workers` is how many are ready, None before it has looked; `is_from_cron` says that nobody but `cron` starts it
    again; `version` is PyAtro's when it was started. It has got nothing done for `failing_seconds` because of
    `trouble`; `outdated` says why it goes on with code that has changed since, `namesake` is the process of another
    machine that has its name. `root` is the folder whose code it runs.
    """

    process: ProcessIdentity
    silent_seconds: float
    workers: int | None = None
    is_from_cron: bool = False
    version: str | None = None
    loaded_seconds: float = 0.0
    failing_seconds: float = 0.0
    trouble: str = ""
    outdated: str = ""
    namesake: str = ""
    root: str = ""


class DaemonLock:
    """A lock that the kernel frees when its holder dies. The descriptor is inherited by nobody."""

    def __init__(self, root: Path) -> None:
        self._path = root / "data" / "job-manager.lock"
        self._descriptor: int | None = None
        self._pulse_at = 0.0
        self._process = ""
        self._facts: dict[str, str | float] = {}
        #: When the holder began to load its code, in seconds of the monotonic clock.
        self.loaded_at = 0.0

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; who only looks (`is_held`) is waited for."""
        return clock.wait_until(self._try, _LOOKING_SECONDS)

    def outwait_commands(self, seconds: float) -> bool:
        """Take the lock unless a job manager holds it; a command that does is waited for.

        `cron` holds it while it closes dead jobs. A job manager that went away then would leave the installation
        without one until the next cron, which on a machine that is too busy is in the way again.
        """
        clock.wait_until(lambda: self.acquire() or self.holder() is not None, seconds)
        return self._descriptor is not None

    def _try(self) -> bool:
        descriptor = open_lock_file(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        process = ProcessIdentity.current()
        self._process = str(process)
        self.loaded_at = clock.monotonic() - process.age_seconds
        return True

    def hand_over(self) -> int:
        """The descriptor with which the program that takes this one's place keeps the lock: see `take_over`."""
        assert self._descriptor is not None  # who hands it over holds it
        self._pulse_at = 0.0
        self.pulse()
        os.set_inheritable(self._descriptor, True)
        return self._descriptor

    def take_over(self, descriptor: int) -> bool:
        """Keep the lock that this process had as another program; False where the descriptor is no such thing."""
        own = open_lock_file(self._path)
        try:
            if not os.path.sameopenfile(descriptor, own):
                return False
            os.set_inheritable(descriptor, False)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.loaded_at = float(json.loads(self._path.read_text())["round_at"])  # the last thing that it wrote
        except (OSError, ValueError, KeyError, TypeError):
            return False
        finally:
            os.close(own)
        self._descriptor, self._process = descriptor, str(ProcessIdentity.current())
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

    def tell(self, **facts: str | float) -> None:
        """What the next pulses say of the holder: see `Holder`."""
        self._facts |= {name: fact[:_LONGEST_FACT] if isinstance(fact, str) else fact for name, fact in facts.items()}

    def pulse(self) -> bool:
        """Say that the holder is well, once a second at most; says whether it was time for it."""
        now = clock.monotonic()
        if self._descriptor is None or now - self._pulse_at < _PULSE_SECONDS:
            return False
        self._pulse_at = now
        # A clock that nobody can set: stepping the wall clock must not make a holder look dead.
        own = {
            "process": self._process,
            "round_at": int(now * 1000) / 1000,
            "loaded_at": self.loaded_at,
        }
        with suppress(OSError):  # a disk that refuses it is no reason to stop; who looks sees an old pulse
            # As long as any: what is longer than the next one would leave its end behind it.
            os.pwrite(self._descriptor, json.dumps({**own, **self._facts}).ljust(_RECORD_BYTES).encode(), 0)
        return True

    def holder(self) -> Holder | None:
        """Who holds the lock, as far as it has said so yet."""
        if not self.is_held():
            return None
        try:
            holder = _holder(json.loads(self._path.read_text()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # it is about to write, or another program's
            return None
        return holder if holder.process.is_alive() else None

    def release(self) -> None:
        """Free the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _holder(content: dict[str, Any]) -> Holder:
    process, now = ProcessIdentity.parse(content["process"]), clock.monotonic()
    failing_since = float(content.get("failing_since", 0))
    return Holder(
        process,
        now - content["round_at"],
        content.get("workers"),
        bool(content.get("is_from_cron")),
        content.get("version"),
        now - content.get("loaded_at", now - process.age_seconds),
        now - failing_since if failing_since else 0.0,
        content.get("trouble", ""),
        content.get("outdated", ""),
        content.get("namesake", ""),
        content.get("root", ""),
    )
