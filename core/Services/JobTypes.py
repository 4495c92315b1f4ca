"""The job types that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.orm.definition import as_object
from core.Services.AbstractService import AbstractService


class JobTypes(AbstractService):
    """Tells of each registered job type whose it is, what it takes, and what it overrides."""

    def documents(self) -> list[dict[str, Any]]:
        """A document for each type, by name."""
        known = as_object(self.get_metadata().get(["app", "jobTypes"]))
        return [self._document(name, entry) for name, entry in sorted(known.items()) if isinstance(entry, Mapping)]

    def _document(self, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": name,
            "owner": self.get_metadata().job_type_owner(name),
            "handler": entry.get("handler"),
            "scheduledJob": bool(entry.get("scheduledJob")),
            "description": entry.get("description"),
            "payloadSchema": entry.get("payloadSchema"),
            "overrides": self._overrides(name),
        }

    def _overrides(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "owner": each.owner,
                "overriddenOwner": each.overridden_owner,
                "keys": list(each.keys),
                "handlerBefore": each.handler_before,
                "handlerAfter": each.handler_after,
                "declared": each.declared,
            }
            for each in self.get_metadata().overrides
            if each.type == name
        ]
