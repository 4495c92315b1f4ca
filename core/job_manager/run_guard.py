"""Ending runs that were canceled, take too long, or take too much memory. It never waits for the database."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core import clock
from core.job_manager.memory_use import MIB
from core.job_manager.run_memory import RunMemory

# So much over its limit a run is not asked first: the machine may not have the time.
_MUCH_TOO_MUCH = 2


class _Metadata(Protocol):
    def get(self, key: list[str], default: object = None) -> object: ...


class _Config(Protocol):
    def get(self, name: str, default: Any = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """A job type's limits, in seconds and in MiB; None is no limit."""

    timeout_seconds: float | None
    grace_seconds: float
    memory_mib: float | None = None


def limits_of(metadata: _Metadata, job_type: str | None, default_grace_seconds: float) -> Limits:
    """`timeout`, `cancelGracePeriod` and `maxMemory` of a job type."""
    timeout, grace, memory = (
        _number(metadata.get(["app", "jobTypes", job_type or "", key]))
        for key in ("timeout", "cancelGracePeriod", "maxMemory")
    )
    return Limits(timeout, default_grace_seconds if grace is None else grace, memory)


class RunLimits:
    """The limits of each job type, read from the metadata when they are first asked for."""

    def __init__(self, metadata: _Metadata, config: _Config) -> None:
        self._metadata = metadata
        self._config = config
        self._known: dict[str | None, Limits] = {}

    def of(self, job_type: str | None) -> Limits:
        """Those of a type."""
        limits = self._known.get(job_type)
        if limits is None:
            default = float(self._config.get("cancelGracePeriod", 10))
            limits = self._known[job_type] = limits_of(self._metadata, job_type, default)
        return limits

    def forget(self) -> None:
        """The configuration may have changed."""
        self._known.clear()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class _Stop:
    """One reason for which a run is to end: when it is asked to, when it is killed, and the words for both."""

    ask_at: float
    kill_at: float
    why: str
    text: str
    because: str


@dataclass(slots=True)
class _Watch:
    limits: Limits
    ask: Callable[[str, str], None]
    kill: Callable[[str], None]
    memory: RunMemory | None
    stops: dict[str, _Stop] = field(default_factory=dict)
    is_asked: bool = False
    is_killed: bool = False


class RunGuard:
    """Watches runs: a canceled one gets an exception after half of its grace period and is killed at its end; one over
    its timeout or its memory gets the exception at once and is killed a grace period later, or at once where it has
    taken twice the memory. Of several reasons the one that comes first asks, and the one that comes first kills.
    """

    def __init__(self) -> None:
        self._watches: dict[Hashable, _Watch] = {}
        # Most looks come while there is nothing to do: they are to cost nothing, however many runs there are.
        self._due_at = math.inf

    def watch(
        self,
        key: Hashable,
        limits: Limits,
        *,
        ask: Callable[[str, str], None],
        kill: Callable[[str], None],
        pid: int,
        ran_seconds: float = 0.0,
    ) -> None:
        """Begin: `ask(why, text)` raises the exception, `kill(because)` ends the process group.

        A run that has used up its time before is asked first too. Of its memory only what it takes from now on counts.
        """
        memory = None if limits.memory_mib is None else RunMemory(pid)
        watch = self._watches[key] = _Watch(limits, ask, kill, memory)
        if limits.timeout_seconds is not None:
            times_out_at = clock.monotonic() + max(0.0, limits.timeout_seconds - ran_seconds)
            text = f"The job ran into its timeout of {limits.timeout_seconds:g} s."
            because = (
                f"it did not end within {limits.grace_seconds:g} s after its timeout of {limits.timeout_seconds:g} s"
            )
            self._plan(watch, _Stop(times_out_at, times_out_at + limits.grace_seconds, "timeout", text, because))

    def is_watching(self, key: Hashable) -> bool:
        """Whether this run is watched."""
        return key in self._watches

    def forget(self, key: Hashable) -> None:
        """The run is over."""
        self._watches.pop(key, None)

    def cancel(self, key: Hashable) -> None:
        """Somebody has canceled the run."""
        watch = self._watches.get(key)
        if watch is not None and "cancel" not in watch.stops:
            now, grace = clock.monotonic(), watch.limits.grace_seconds
            because = f"it was canceled and did not end within {grace:g} s"
            self._plan(watch, _Stop(now + grace / 2, now + grace, "cancel", "The job was canceled.", because))

    def look_at_memory(self) -> None:
        """Measure the runs whose types have a limit; to be called once a second."""
        for watch in self._watches.values():
            if watch.memory is not None and watch.limits.memory_mib is not None and not watch.is_killed:
                self._judge_memory(watch, watch.memory, watch.limits.memory_mib)

    def tend(self) -> float | None:
        """Ask and kill where it is time; returns in how many seconds to come again."""
        now = clock.monotonic()
        if now >= self._due_at:
            moments = [moment for watch in list(self._watches.values()) if (moment := _tend(watch, now)) is not None]
            self._due_at = min(moments, default=math.inf)
        return None if self._due_at == math.inf else max(0.0, self._due_at - now)

    def _judge_memory(self, watch: _Watch, memory: RunMemory, limit_mib: float) -> None:
        taken = memory.taken_bytes(int(limit_mib * MIB)) / MIB
        is_much = taken > _MUCH_TOO_MUCH * limit_mib
        if taken <= limit_mib or ("memory" in watch.stops and not is_much):
            return
        now, grace = clock.monotonic(), watch.limits.grace_seconds
        took = f"took {taken:,.0f} MiB, its type allows {limit_mib:g} MiB"
        if is_much:
            self._plan(watch, _Stop(now, now, "memory", f"The job {took}.", f"it {took}"))
        else:
            because = f"it {took}, and did not end within {grace:g} s"
            self._plan(watch, _Stop(now, now + grace, "memory", f"The job {took}.", because))

    def _plan(self, watch: _Watch, stop: _Stop) -> None:
        watch.stops[stop.why] = stop
        self._due_at = min(self._due_at, stop.ask_at, stop.kill_at)


def _tend(watch: _Watch, now: float) -> float | None:
    """Do what is due for one run; returns when to look again."""
    if watch.is_killed or not watch.stops:
        return None
    asking = min(watch.stops.values(), key=lambda stop: stop.ask_at)
    killing = min(watch.stops.values(), key=lambda stop: stop.kill_at)
    if now >= killing.kill_at:
        watch.is_killed = True
        watch.kill(killing.because)
        return None
    if now >= asking.ask_at and not watch.is_asked:
        watch.is_asked = True
        watch.ask(asking.why, asking.text)
    return killing.kill_at if watch.is_asked else min(asking.ask_at, killing.kill_at)
