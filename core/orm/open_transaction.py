"""A writing transaction that is open, and what is to be done when it ends."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from core.orm.batch import Batch

#: For `OpenTransaction.forget_since`: the whole transaction.
EVERYTHING = (0, 0, 0)


class OpenTransaction:
    """What was registered in it, in that order; `last` goes with the COMMIT."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.last: list[Callable[[Batch], object]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.after_rollback: list[Callable[[], None]] = []
        self.is_committing = False

    def forget_since(self, mark: tuple[int, int, int]) -> None:
        """Of what was registered since the mark nothing is committed any more."""
        last, commits, rollbacks = mark
        del self.last[last:]
        del self.after_commit[commits:]
        undone = self.after_rollback[rollbacks:]
        del self.after_rollback[rollbacks:]
        for callback in reversed(undone):
            callback()

    @property
    def mark(self) -> tuple[int, int, int]:
        """For `forget_since`."""
        return len(self.last), len(self.after_commit), len(self.after_rollback)
