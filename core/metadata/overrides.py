"""Who registered which job type, and who registered it again: two modules may take the same name without knowing it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from core.metadata.layer import CORE, OWN
from core.metadata.reader import Reading

#: The key in a job type's entry that says: this is meant.
DECLARATION = "override"


@dataclass(frozen=True)
class Override:
    """One layer's entry for a job type that an earlier layer has registered; `keys` are those that it names."""

    type: str
    owner: str
    overridden_owner: str
    keys: tuple[str, ...]
    handler_before: str | None
    handler_after: str | None
    declared: bool
    file: str

    def message(self) -> tuple[int, str]:
        """A level of `logging` and the line: a warning, or an info line where the override is declared."""
        change = f"keys: {', '.join(self.keys) or 'none'}"
        if self.handler_before != self.handler_after:
            change += f"; handler: {self.handler_before or 'none'} -> {self.handler_after or 'none'}"
        text = (
            f"{_named(self.owner)} overrides the job type '{self.type}' of {_named(self.overridden_owner)} ({change})"
        )
        if self.declared:
            return logging.INFO, f"{text}, as declared in {self.file}."
        return logging.WARNING, f'{text} in {self.file}. If it is meant, write "{DECLARATION}": true into the entry.'


def _named(owner: str) -> str:
    return owner if owner in (CORE, OWN) else f"module '{owner}'"


@dataclass
class JobTypeHistory:
    """The owners of job types, and each override, as layer after layer is merged."""

    owners: dict[str, str] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)

    def add(self, reading: Reading, before: dict[str, Any], after: dict[str, Any]) -> None:
        """A layer was merged: the whole tree before and after."""
        entries = _job_types(reading.data)
        types_before, types_after = _job_types(before), _job_types(after)
        removed = [name for name, entry in types_before.items() if entry and not types_after.get(name)]
        for name in dict.fromkeys([*entries, *removed]):
            if name in self.owners:
                entry = entries.get(name)
                self._add_override(reading, name, entry, types_before.get(name), types_after.get(name))
        self.owners |= dict.fromkeys([*entries, *removed], reading.layer.owner)

    def _add_override(self, reading: Reading, name: str, entry: Any, before: Any, after: Any) -> None:
        entry = entry if isinstance(entry, dict) else {}
        self.overrides.append(
            Override(
                type=name,
                owner=reading.layer.owner,
                overridden_owner=self.owners[name],
                keys=tuple(key for key in entry if key != DECLARATION),
                handler_before=_handler(before),
                handler_after=_handler(after),
                declared=entry.get(DECLARATION) is True,
                file=reading.file_of(("app", "jobTypes", name)),
            )
        )


def _job_types(data: dict[str, Any]) -> dict[str, Any]:
    app = data.get("app")
    types = app.get("jobTypes") if isinstance(app, dict) else None
    return types if isinstance(types, dict) else {}


def _handler(entry: Any) -> str | None:
    handler = entry.get("handler") if isinstance(entry, dict) else None
    return handler if isinstance(handler, str) else None
