"""Which process is meant, beyond a pid: pids are used again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core import clock

_LONGEST_STAT = 4096
_DEAD_STATES = ("Z", "X", "x")


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process for all time: boot id, pid namespace, pid, and start time in clock ticks since boot (proc(5))."""

    boot_id: str
    namespace: int
    pid: int
    start_ticks: int

    def __str__(self) -> str:
        return f"{self.boot_id}:{self.namespace}:{self.pid}:{self.start_ticks}"

    @classmethod
    def parse(cls, text: str) -> ProcessIdentity:
        """From `str(identity)`; raises ValueError for anything else."""
        boot_id, namespace, pid, start_ticks = text.split(":")
        return cls(boot_id, int(namespace), int(pid), int(start_ticks))

    @classmethod
    def current(cls) -> ProcessIdentity:
        """The calling process."""
        identity = cls.of(os.getpid())
        if identity is None:
            raise RuntimeError("/proc is not mounted: PyAtro tells processes apart by it")
        return identity

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """The process that has this pid now, or None; a zombie is no process any more."""
        stat = _read_stat(pid)
        if stat is None or stat[0] in _DEAD_STATES:
            return None
        return cls(boot_id(), pid_namespace(), pid, int(stat[19]))

    @property
    def age_seconds(self) -> float:
        """How long ago the process began, or up to a hundredth of a second more; only on its own boot."""
        return clock.since_boot() - self.start_ticks / os.sysconf("SC_CLK_TCK")

    def is_alive(self) -> bool:
        """Whether this very process still runs on this boot, in this pid namespace."""
        return ProcessIdentity.of(self.pid) == self


def is_living(text: str | None) -> bool:
    """Whether the process whose identity this is still runs; what is no identity is no process."""
    try:
        return ProcessIdentity.parse(text or "").is_alive()
    except ValueError:
        return False


@cache
def boot_id() -> str:
    """The kernel's name for the time since it was started."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@cache
def pid_namespace() -> int:
    """The number of the namespace in which this process's pids count: a container has one of its own."""
    return Path("/proc/self/ns/pid").stat().st_ino


def _read_stat(pid: int) -> list[str] | None:
    try:
        # Not by Path: a worker's first steps take a fifth of their time less, as it has less to load into its memory.
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError):
        return None
    try:
        text = os.read(descriptor, _LONGEST_STAT).decode(errors="replace")
    except ProcessLookupError:
        return None
    finally:
        os.close(descriptor)
    # The name in brackets may hold spaces and brackets; the state is the first field after the last bracket.
    return text[text.rindex(")") + 2 :].split()
