"""Removing many records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.exceptions import NotFound, NotModified
from core.Jobs.AbstractMassAction import AbstractMassAction

if TYPE_CHECKING:
    from core.Services import Record


class MassDelete(AbstractMassAction):
    """Removes the records of a chunk. Payload: `entityType`, `ids`, and `deletePermanently` to delete them for good."""

    word = "deleted"

    def action(self, record: Record, payload: Mapping[str, Any]) -> Callable[[str], object]:
        """Remove the record; one that is gone is as it should be, as the chunk may have broken off before."""

        def delete(record_id: str) -> None:
            try:
                record.delete_entity(record_id, bool(payload.get("deletePermanently")))
            except NotFound as error:
                raise NotModified(str(error)) from error

        return delete
