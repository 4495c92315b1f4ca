"""How long a job that failed waits for its next attempt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.exceptions import Retry

#: No pause is longer, whatever the numbers come to.
LONGEST_SECONDS = Retry.LONGEST_SECONDS
# Doubled so often every pause but 0 is over the longest one, and no number is too large for a float.
_MOST_DOUBLINGS = 64

_GROWTH: dict[str, Callable[[float, int], float]] = {
    "constant": lambda seconds, _: seconds,
    "linear": lambda seconds, attempt: seconds * attempt,
    "exponential": lambda seconds, attempt: seconds * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS),
}


@dataclass(frozen=True, slots=True)
class Backoff:
    """The pauses between the attempts of a job type's jobs.

    After the first attempt comes the first of `steps`, and so on; the last one stays. With a `growth` there is one
    step, from which the pauses grow up to `most`. `jitter` is the share of a pause, from 0 to 1, that chance may take
    off.
    """

    steps: tuple[float, ...]
    growth: str = "constant"
    most: float = LONGEST_SECONDS
    jitter: float = 0.0

    def seconds_after(self, attempt: int, chance: float) -> float:
        """The pause after an attempt, counted from 1; `chance` is a random number from 0 to 1."""
        step = self.steps[min(attempt, len(self.steps)) - 1]
        pause = min(_GROWTH[self.growth](step, attempt), self.most, LONGEST_SECONDS)
        return pause * (1 - self.jitter * chance)


def backoff_of(value: object) -> Backoff | None:
    """What `backoff` of a job type says: a list of seconds, or an object with seconds, type, max and jitter.

    None where there is none. Raises ValueError for what the schema of the job types refuses.
    """
    if value is None:
        return None
    if isinstance(value, list):
        if not value:
            raise ValueError("is an empty list")
        return Backoff(tuple(_number(each) for each in value))
    if not isinstance(value, Mapping) or value.get("type", "constant") not in _GROWTH:
        raise ValueError(f"is {value!r}")
    return Backoff(
        (_number(value.get("seconds")),),
        growth=value.get("type", "constant"),
        most=_number(value.get("max", LONGEST_SECONDS)),
        jitter=min(_number(value.get("jitter", 0)), 1.0),
    )


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value)
    raise ValueError(f"has {value!r}, which is no number from 0")
