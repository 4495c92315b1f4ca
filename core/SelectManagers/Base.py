"""The conditions that clients send, for one entity type, and the filters that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import clock
from core.exceptions import BadRequest, did_you_mean
from core.orm import Repository
from core.orm.api_where import Conditions, Judge, api_where
from core.orm.entity_type import short
from core.orm.functions import Family
from core.orm.text_match import literally

_BOOL, _PRIMARY = "bool_filter_", "primary_filter_"
_ARCHIVED = "isArchived"


class Base:
    """Base of `SelectManagers/<Entity>.py`.

    A method `bool_filter_<name>` is a box that a person ticks, `primary_filter_<name>` a list that she chooses; each
    answers conditions of the `where` language. The client calls them in camelCase: `onlyMy`.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def where(self, items: Any, judge: Judge | None = None) -> list[Conditions]:
        """Conditions for `Query.where` from those of a client (AtroCore 8.8): a list of `{type, attribute, value}`.

        Days are those of the setting `timeZone`. What is archived is left out, unless the conditions ask for it. Raises
        BadRequest that names what is wrong. `judge` is told each attribute that a client names, and may refuse it.
        """
        zone = clock.zone(str(self._repository.get_container().get("config").get("timeZone")))
        found = api_where(self._repository.terms, items, zone=zone, filters=self, judge=judge)
        if self._hides_archived() and not _names(found, _ARCHIVED):
            found.append({_ARCHIVED: [False, None]})
        return found

    def bool_filter(self, name: str) -> Conditions:
        """The conditions of a box that a person ticks; BadRequest for one that the entity type does not have."""
        return self._named(_BOOL, "bool filter", name)

    def primary_filter(self, name: str) -> Conditions:
        """The conditions of a list that a person chooses; BadRequest for one that the entity type does not have."""
        return self._named(_PRIMARY, "primary filter", name)

    def text_filter(self, text: str) -> Conditions:
        """One of the entity's `textFilterFields` (of `collection` in entityDefs; else its name) contains the text."""
        defined = self._metadata(["entityDefs", self._name, "collection", "textFilterFields"])
        fields = defined if isinstance(defined, list) and defined else ["name"]
        found = [self._with_text(field, text) for field in fields]
        return {"OR": [each for each in found if each is not None]}

    def bool_filter_only_my(self) -> Conditions:
        """Owned by the user or assigned to her; created by her, where records have neither."""
        people = [each for each in ("ownerUserId", "assignedUserId") if self._has(each)]
        return {"OR": [{each: self._user_id} for each in people or [self._attribute("createdById")]]}

    def bool_filter_owned_by_me(self) -> Conditions:
        """Owned by the user."""
        return {self._attribute("ownerUserId"): self._user_id}

    def bool_filter_assigned_to_me(self) -> Conditions:
        """Assigned to the user."""
        return {self._attribute("assignedUserId"): self._user_id}

    def bool_filter_only_active(self) -> Conditions:
        """What is active."""
        return {self._attribute("isActive"): True}

    def bool_filter_not_active(self) -> Conditions:
        """What is not active."""
        return {self._attribute("isActive"): [False, None]}

    def bool_filter_only_archived(self) -> Conditions:
        """What is archived."""
        return {self._attribute(_ARCHIVED): True}

    def bool_filter_with_archived(self) -> Conditions:
        """What is archived as well."""
        return {self._attribute(_ARCHIVED): [True, False, None]}

    def bool_filter_only_deleted(self) -> Conditions:
        """What is removed, and nothing else."""
        return {"deleted": True}

    @property
    def _name(self) -> str:
        return self._repository.type.name

    @property
    def _user_id(self) -> str:
        return self._repository.get_entity_manager().user_id

    def _metadata(self, key: list[str]) -> Any:
        return self._repository.get_container().get("metadata").get(key)

    def _has(self, attribute: str) -> bool:
        return attribute in self._repository.type.columns

    def _attribute(self, name: str) -> str:
        if not self._has(name):
            raise BadRequest(f"{self._name} has no attribute '{name}', which this filter needs.")
        return name

    def _hides_archived(self) -> bool:
        return self._has(_ARCHIVED) and bool(self._metadata(["scopes", self._name, "hasArchive"]))

    def _named(self, prefix: str, kind: str, name: str) -> Conditions:
        known = {_camel_case(each.removeprefix(prefix)): each for each in dir(self) if each.startswith(prefix)}
        if name not in known:
            raise BadRequest(f"{self._name} has no {kind} {short(name)}.{did_you_mean(name, known)}")
        return getattr(self, known[name])()

    def _with_text(self, field: str, text: str) -> Conditions | None:
        """None where the field cannot be met by this text."""
        family = self._repository.terms.term(field).family
        if family is Family.NUMBER:
            return {field: text} if _is_number(text) else None
        return {f"{field}*": f"%{literally(text)}%"}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _names(conditions: Any, attribute: str) -> bool:
    if isinstance(conditions, Mapping):
        return any(str(key).rstrip("!=") == attribute or _names(each, attribute) for key, each in conditions.items())
    return isinstance(conditions, list) and any(_names(each, attribute) for each in conditions)
