"""Bringing many removed records back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.Jobs.AbstractMassAction import AbstractMassAction

if TYPE_CHECKING:
    from core.Services import Record


class MassRestore(AbstractMassAction):
    """Brings the records of a chunk back. Payload: `entityType`, `ids`."""

    word = "restored"

    def action(self, record: Record, payload: Mapping[str, Any]) -> Callable[[str], object]:
        """Bring the record back."""
        return record.restore_entity
