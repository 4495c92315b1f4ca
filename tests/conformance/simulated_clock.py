"""A clock for tests: time passes when it is told to, and a person may set it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core import clock


class SimulatedClock:
    """In the place of `core.clock`, whose `now` and `monotonic` it has."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self._seconds = 0.0

    def now(self) -> datetime:
        """The moment that the clock shows."""
        return self._moment

    def monotonic(self) -> float:
        """Seconds that have passed; setting the clock changes nothing about them."""
        return self._seconds

    def let_pass(self, duration: timedelta) -> None:
        """Time goes by."""
        self._moment += duration
        self._seconds += duration.total_seconds()

    def let_pass_until(self, moment: datetime) -> None:
        """Time goes by until then."""
        self.let_pass(moment - self._moment)

    def set(self, moment: datetime) -> None:
        """Somebody sets the clock; no time has gone by."""
        self._moment = moment

    def rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Be everybody's clock in this process."""
        monkeypatch.setattr(clock, "now", self.now)
        monkeypatch.setattr(clock, "monotonic", self.monotonic)
