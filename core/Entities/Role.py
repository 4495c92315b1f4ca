"""What some users may do, by entity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.exceptions import did_you_mean
from core.orm.definition import as_object
from core.orm.entity import Entity

#: To which records of an entity somebody may do something, from the narrow to the wide.
NO, OWN, ALL = LEVELS = ("no", "own", "all")
YES = "yes"
READ, CREATE, EDIT, DELETE = "read", "create", "edit", "delete"
ACTIONS = (READ, CREATE, EDIT, DELETE, "run", "cancel", "retry", "pause")
#: What there is beside the entities: the state of the job manager, and its pauses.
JOB_MANAGER = "JobManager"
#: Where a role is silent about an action, it says the same as about editing: AtroCore has no such actions.
_AS_EDIT = {"Job": ("run", "cancel", "retry"), "ScheduledJob": ("run", "pause")}


class Role(Entity):
    """A role; `data` says what it opens: `{"Product": {"read": "all", "create": "yes", "edit": "own"}}`."""

    def level(self, action: str, scope: str) -> str:
        """`all`, `own` or `no`; what the role does not name it does not allow."""
        actions = as_object(as_object(self.get("data")).get(scope))
        said = actions.get(action)
        if said is None and action in _AS_EDIT.get(scope, ()):
            said = actions.get(EDIT)
        return ALL if said in (ALL, YES) else OWN if said == OWN else NO

    def faults(self, scopes: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with `data`, where these are the scopes of the metadata."""
        known = [*(name for name in scopes if can_be_opened(scopes, name)), JOB_MANAGER]
        for scope, actions in as_object(self.get("data")).items():
            if scope not in known:
                yield f"No role can open '{scope}'.{did_you_mean(scope, known)}"
            elif not isinstance(actions, Mapping):
                yield f'{scope} is to be an object such as {{"read": "all", "edit": "own"}}.'
            else:
                for action, level in actions.items():
                    yield from _faults_of(scope, action, level)


def can_be_opened(scopes: Mapping[str, Any], name: str) -> bool:
    """Whether a scope can be opened to others than administrators, by its entry in the metadata."""
    scope = as_object(scopes.get(name))
    is_closed = scope.get("internal") or scope.get("administratorsOnly") or scope.get("acl") is False
    return bool(scope.get("entity")) and not is_closed


def _faults_of(scope: str, action: str, level: Any) -> Iterator[str]:
    if action not in ACTIONS:
        yield f"{scope} has no action '{action}'.{did_you_mean(action, ACTIONS)}"
        return
    allowed = (YES, NO) if action == CREATE else LEVELS
    if level not in allowed:
        yield f"{scope}: {action} is {level!r}; it may be {', '.join(allowed)}."
