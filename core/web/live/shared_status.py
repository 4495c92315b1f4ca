"""The status of the job manager for all who look at it at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from core import clock
from core.job_manager.status import Status

#: As often as events are told, and pages ask at most.
_SECONDS = 1.0


class SharedStatus:
    """Looks once a second at most: who comes within it gets the same status. May be asked by any thread."""

    def __init__(self, look: Callable[[], Status]) -> None:
        self._look = look
        self._lock = Lock()
        self._status: Status | None = None
        self._looked_at = 0.0

    def read(self) -> Status:
        """One that is a second old at most; whoever comes while another one looks waits for what she sees."""
        with self._lock:
            if self._status is None or clock.monotonic() - self._looked_at >= _SECONDS:
                self._status = self._look()
                self._looked_at = clock.monotonic()
            return self._status

    def forget(self) -> None:
        """Something was changed just now, and is to be seen at once."""
        with self._lock:
            self._status = None
