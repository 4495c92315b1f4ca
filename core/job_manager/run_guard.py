"""Ending runs that were canceled or take too long. Works from memory: it never waits for the database."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

from core import clock


class _Metadata(Protocol):
    def get(self, key: list[str], default: object = None) -> object: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """A job type's limits, in seconds."""

    timeout_seconds: float | None
    grace_seconds: float


def limits_of(metadata: _Metadata, job_type: str | None, default_grace_seconds: float) -> Limits:
    """`timeout` and `cancelGracePeriod` of a job type."""
    timeout = _seconds(metadata.get(["app", "jobTypes", job_type or "", "timeout"]))
    grace = _seconds(metadata.get(["app", "jobTypes", job_type or "", "cancelGracePeriod"]))
    return Limits(timeout, default_grace_seconds if grace is None else grace)


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(slots=True)
class _Watch:
    limits: Limits
    ask: Callable[[str, str], None]
    kill: Callable[[str], None]
    times_out_at: float | None
    canceled_at: float | None = None
    is_asked: bool = False
    is_killed: bool = False


class RunGuard:
    """Watches runs: a canceled one gets an exception after half of its grace period and is killed at its end; one over
    its timeout gets the exception at once and is killed a grace period later.
    """

    def __init__(self) -> None:
        self._watches: dict[Hashable, _Watch] = {}

    def watch(
        self,
        key: Hashable,
        limits: Limits,
        *,
        ask: Callable[[str, str], None],
        kill: Callable[[str], None],
        ran_seconds: float = 0.0,
    ) -> None:
        """Begin: `ask(why, text)` raises the exception, `kill(because)` ends the process group.

        A run that has used up its time before is asked first too.
        """
        timeout = limits.timeout_seconds
        times_out_at = None if timeout is None else clock.monotonic() + max(0.0, timeout - ran_seconds)
        self._watches[key] = _Watch(limits, ask, kill, times_out_at)

    def is_watching(self, key: Hashable) -> bool:
        """Whether this run is watched."""
        return key in self._watches

    def forget(self, key: Hashable) -> None:
        """The run is over."""
        self._watches.pop(key, None)

    def cancel(self, key: Hashable) -> None:
        """Somebody has canceled the run."""
        watch = self._watches.get(key)
        if watch is not None and watch.canceled_at is None:
            watch.canceled_at = clock.monotonic()

    def tend(self) -> float | None:
        """Ask and kill where it is time; returns in how many seconds to come again."""
        now = clock.monotonic()
        moments = [moment for watch in list(self._watches.values()) if (moment := _tend(watch, now)) is not None]
        return max(0.0, min(moments) - now) if moments else None


def _tend(watch: _Watch, now: float) -> float | None:
    """Do what is due for one run; returns when to look again."""
    grace = watch.limits.grace_seconds
    plans: list[tuple[float, float, str, str, str]] = []
    if watch.canceled_at is not None:
        because = f"it was canceled and did not end within {grace:g} s"
        plans.append(
            (watch.canceled_at + grace / 2, watch.canceled_at + grace, "cancel", "The job was canceled.", because)
        )
    if watch.times_out_at is not None:
        text = f"The job ran into its timeout of {watch.limits.timeout_seconds:g} s."
        because = f"it did not end within {grace:g} s after its timeout of {watch.limits.timeout_seconds:g} s"
        plans.append((watch.times_out_at, watch.times_out_at + grace, "timeout", text, because))
    if watch.is_killed or not plans:
        return None
    ask_at, kill_at, why, text, because = min(plans)
    if now >= kill_at:
        watch.is_killed = True
        watch.kill(because)
        return None
    if now >= ask_at and not watch.is_asked:
        watch.is_asked = True
        watch.ask(why, text)
    return kill_at if watch.is_asked else ask_at
