"""Changing the same attributes of many records."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.Jobs.AbstractMassAction import AbstractMassAction

if TYPE_CHECKING:
    from core.Services import Record


class MassUpdate(AbstractMassAction):
    """Changes the records of a chunk. Payload: `entityType`, `ids`, and `input` with the attributes."""

    word = "updated"

    def action(self, record: Record, payload: Mapping[str, Any]) -> Callable[[str], object]:
        """Change the record; a list in the input is each record's own."""
        return lambda record_id: record.update_entity(record_id, copy.deepcopy(payload["input"]))
