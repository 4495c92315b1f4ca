"""Workers that are kept free for urgent jobs: `reservedWorkers` of the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.config import Config
from core.config.settings import RESERVED_FOR


@dataclass(frozen=True, slots=True)
class Reservation:
    """So many workers are for jobs of this priority and above."""

    priority: float
    workers: int


def reservations_of(config: Config) -> tuple[Reservation, ...]:
    """What the configuration reserves; one worker at least is left for all jobs."""
    most = config.max_concurrent_workers - 1
    found = []
    for rule, count in config.get("reservedWorkers", {}).items():
        match = RESERVED_FOR.fullmatch(rule)
        if match is not None:
            found.append(Reservation(float(match[1]), min(count, most)))
    return tuple(found)


def points_of(priority: object) -> float:
    """A job's priority as a number; bare SQL may have written anything."""
    return float(priority) if isinstance(priority, int | float) else 0.0


class Slots:
    """Free slots that are handed out one by one.

    Jobs below the priority of a reservation may hold all slots but the reserved ones, at whatever moment the others are
    in use; so reservations of several priorities do not add up.
    """

    def __init__(self, size: int, reservations: Iterable[Reservation], running: Iterable[float]) -> None:
        priorities = list(running)
        #: By priority how many jobs below it may start now.
        self._left = {
            each.priority: size - each.workers - sum(1 for priority in priorities if priority < each.priority)
            for each in reservations
        }

    def take(self, priority: object) -> bool:
        """Whether a job of this priority may start; then it has a slot."""
        points = points_of(priority)
        above = [each for each in self._left if points < each]
        if any(self._left[each] < 1 for each in above):
            return False
        for each in above:
            self._left[each] -= 1
        return True

    @property
    def least_priority(self) -> float | None:
        """The lowest priority that may start now; None where every one may."""
        return max((priority for priority, left in self._left.items() if left < 1), default=None)
