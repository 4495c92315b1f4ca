"""An action of a service's own on many records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.exceptions import Error, did_you_mean
from core.Jobs.AbstractMassAction import AbstractMassAction

if TYPE_CHECKING:
    from core.Services import Record


class UniversalMassAction(AbstractMassAction):
    """Calls a method of the entity's service with each id. Payload: `entityType`, `ids`, `singleActionMethod`."""

    word = "done"

    def action(self, record: Record, payload: Mapping[str, Any]) -> Callable[[str], object]:
        """The method; raises Error where the service has none of this name."""
        name = payload.get("singleActionMethod")
        methods = [each for each in dir(record) if not each.startswith("_") and callable(getattr(record, each))]
        if name not in methods:
            near = did_you_mean(str(name), methods)
            raise Error(f"The service of {record.entity_type} has no method {name!r} (singleActionMethod).{near}")
        call: Callable[[str], object] = getattr(record, name)
        return call
