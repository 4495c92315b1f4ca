"""Who came in through the web, and what was changed: by whom, from where, from what to what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.access.caller import caller
from core.access.redaction import Redaction
from core.orm import Entity, EntityManager
from core.orm.entity import for_json
from core.orm.field_types import is_storable

_RECORD = "AuditRecord"
#: What the system writes with each change.
_NOT_TOLD = ("id", "createdAt", "createdById", "modifiedAt", "modifiedById", "deleted")
_LONGEST_TEXT = 10_000
_LONGEST_NAME = 50

Values = Mapping[str, Any]


class Audit:
    """Writes a row for each change that somebody asked for from outside; what nobody asked for has none.

    In a transaction, the row is committed with the change, or not at all.
    """

    def __init__(self, entity_manager: EntityManager, redaction: Redaction) -> None:
        self._manager = entity_manager
        self._redaction = redaction

    def note(
        self,
        action: str,
        scope: str,
        record_id: str | None = None,
        before: Values | None = None,
        after: Values | None = None,
    ) -> None:
        """Somebody does this; `before` and `after` have what differs, and are redacted here."""
        asking = caller()
        if asking is None:
            return
        self._store(
            {
                "userId": asking.identity.user.id,
                "userName": asking.identity.user.get("userName"),
                "tokenId": asking.identity.token_id,
                "address": asking.address,
                "action": action,
                "scope": scope,
                "recordId": record_id,
                "before": self._shown(before),
                "after": self._shown(after),
            }
        )

    def note_refused_login(self, user_name: str, address: str, failures: int) -> None:
        """Somebody did not know the password of this name, as she typed it, for the so-manieth time of late."""
        name = user_name[:_LONGEST_NAME] if is_storable(user_name) else None
        values = {"userName": name, "address": address, "after": {"failures": failures}}
        self._store({**values, "action": "loginRefused", "scope": "AuthToken"})

    def note_change(self, action: str, entity: Entity, before: Values | None, after: Values | None) -> None:
        """As `note`, of a record."""
        self.note(action, entity.entity_type, entity.id, before, after)

    def _store(self, values: Values) -> None:
        row = self._manager.get_entity(_RECORD)
        row.set(dict(values))
        self._manager.save_entity(row)

    def _shown(self, values: Values | None) -> dict[str, Any] | None:
        if values is None:
            return None
        return {name: _short(self._redaction.redact(value, name)) for name, value in values.items()}


def changes_of(entity: Entity) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What a save of the entity will change, before (None for a new one) and after, ready for JSON."""
    after = {name: value for name, value in entity.to_dict().items() if name not in _NOT_TOLD}
    if entity.is_new():
        return None, {name: value for name, value in after.items() if value is not None}
    changed = [name for name in after if entity.is_attribute_changed(name)]
    return {name: for_json(entity.get_fetched(name)) for name in changed}, {name: after[name] for name in changed}


def values_of(entity: Entity) -> dict[str, Any]:
    """What a record holds, ready for JSON."""
    return {name: value for name, value in entity.to_dict().items() if value is not None and name not in _NOT_TOLD}


def _short(value: Any) -> Any:
    """A value of some length is cut: what is audited is that it was changed, and into what kind of thing."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}[...]"
