"""Waiting for a database that went away."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from core import clock

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0


class Patience:
    """Does a step again while the database is away, more and more slowly, for `seconds` at most.

    Only for steps that leave nothing half done. A database that this process has never reached is not waited for: its
    address is more likely wrong. `is_expected` says that others have reached it.
    """

    def __init__(self, is_away: Callable[[DBAPIError], bool], seconds: float) -> None:
        self._is_away = is_away
        self.seconds = seconds
        self.is_expected = False

    def __call__(self, step: Callable[[], T]) -> T:
        """What the step answers in the end; raises its last error."""
        try:
            return step()
        except DBAPIError as error:
            if not self._may_wait(error):
                raise
        return self._insist(step)

    def _insist(self, step: Callable[[], T]) -> T:
        pause, until = _FIRST_PAUSE_SECONDS, clock.monotonic() + self.seconds
        while True:
            # Many processes lose a server at the same moment; they are not to come back at the same moment.
            time.sleep(pause * random.uniform(0.5, 1.0))
            try:
                return step()
            except DBAPIError as error:
                if not self._may_wait(error) or clock.monotonic() >= until:
                    raise
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS, max(0.0, until - clock.monotonic()))

    def _may_wait(self, error: DBAPIError) -> bool:
        return self.is_expected and self.seconds > 0 and self._is_away(error)
