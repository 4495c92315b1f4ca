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

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Store a state from which a later attempt may go on."""

    def get_checkpoint(self) -> dict[str, Any] | None:
        """The state that was stored last."""


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

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Store a state that `get_checkpoint` gives to a later attempt; it is dropped outside of a run.

        Inside of a transaction it is stored with what the transaction stores, or not at all. Raises Error for what is
        no dict, or has no form in JSON.
        """
        if self.run_context is not None:
            self.run_context.checkpoint(state)

    def get_checkpoint(self) -> dict[str, Any] | None:
        """The state that this or a former attempt stored last; None where there is none, as after a success."""
        if self.run_context is not None:
            return self.run_context.get_checkpoint()
        state: dict[str, Any] | None = copy.deepcopy(self.get("checkpoint"))
        return state

    def is_canceled(self) -> bool:
        """Whether the job was canceled; cheap enough for every turn of a loop."""
        if self.run_context is None:
            return bool(self.get("status") == "Canceled")
        return self.run_context.is_canceled()
