"""A background job."""

from __future__ import annotations

import copy
from typing import Any, Protocol

from core.orm.entity import Entity


class RunContext(Protocol):
    """What the job manager gives a job for the time of its run."""

    def is_canceled(self) -> bool:
        """Whether somebody has canceled this run."""

    def report_progress(self, done: float, total: float, text: str = "") -> None:
        """Store how far the run is."""


class Job(Entity):
    """A job: what is to be done (`type`, `payload`), when (`executeTime`), and what became of it (`status`)."""

    #: Set while the job runs.
    run_context: RunContext | None = None

    def get_payload(self) -> dict[str, Any]:
        """A copy of the payload; empty where there is none. `get("payload")` is the live one."""
        return copy.deepcopy(self.get("payload") or {})

    def report_progress(self, done: float, total: float, text: str = "") -> None:
        """Tell how far the run is: `done` of `total` units, and in words; it is dropped outside of a run."""
        if self.run_context is not None:
            self.run_context.report_progress(done, total, text)

    def is_canceled(self) -> bool:
        """Whether the job was canceled; cheap enough for every turn of a loop."""
        if self.run_context is None:
            return bool(self.get("status") == "Canceled")
        return self.run_context.is_canceled()
