"""The conditions that clients send (AtroCore 8.8), in the words of the `where` language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from core import clock
from core.exceptions import BadRequest, did_you_mean
from core.orm.api_item import ApiItem, Viewer, read_item, sentence
from core.orm.api_types import TYPES
from core.orm.entity_type import short
from core.orm.term import EntityTerms

Conditions = Any
#: Raises where there may be no condition about this attribute or link.
Judge = Callable[[str], None]
#: Each becomes two levels of the `where` language.
_MOST_LEVELS = 12
_GROUPS = {"and": "AND", "or": "OR", "not": "NOT"}
_NAMED = ("bool", "primary", "textFilter")
_REFUSED = {
    "similar": "databases do not agree on what is similar; take contains",
    "wordSimilar": "databases do not agree on what is similar; take contains",
    "savedSearch": "there are no saved searches; send the conditions themselves",
    "innerSql": "SQL is not taken from clients",
}
#: The operators of the query builder that are not a type's name in snake_case.
_BUILDER_OPERATORS = {
    "equal": "equals",
    "not_equal": "notEquals",
    "less": "lessThan",
    "less_or_equal": "lessThanOrEquals",
    "greater": "greaterThan",
    "greater_or_equal": "greaterThanOrEquals",
    "begins_with": "startsWith",
    **{"".join(f"_{each.lower()}" if each.isupper() else each for each in name): name for name in TYPES},
}
#: `type`, `input` and `data` are how the builder shows a rule, `valid` is its own opinion of a group.
_RULE_KEYS = ("id", "field", "operator", "value", "type", "input", "data")
_GROUP_KEYS = ("condition", "rules", "not", "valid")


class Filters(Protocol):
    """The conditions that have a name; each raises BadRequest for a name that it does not know."""

    def bool_filter(self, name: str) -> Conditions:
        """Those of a box that a person ticks: `onlyMy`."""

    def primary_filter(self, name: str) -> Conditions:
        """Those of a list that a person chooses."""

    def text_filter(self, text: str) -> Conditions:
        """Those of the field in which a person searches."""


def api_where(
    terms: EntityTerms,
    items: Any,
    *,
    zone: tzinfo = UTC,
    now: datetime | None = None,
    filters: Filters | None = None,
    judge: Judge | None = None,
) -> list[Conditions]:
    """Conditions for `Query.where` from a list of items `{type, attribute, value}`, all of which are to be met.

    Also from the query builder's `{condition, rules}`. A day is one of the time zone `zone`; moments that name no zone
    are in UTC. `judge` is told of each attribute or link before it is read. Raises BadRequest that names the item.
    """
    reading = _Reading(terms, Viewer(zone, now or clock.now()), filters, judge)
    return reading.all_of([items] if isinstance(items, Mapping) else items or [])


class _Reading:
    def __init__(self, terms: EntityTerms, viewer: Viewer, filters: Filters | None, judge: Judge | None) -> None:
        self._judge = judge
        self._terms = terms
        self._viewer = viewer
        self._filters = filters
        self._level = 0

    def all_of(self, items: Any) -> list[Conditions]:
        """The conditions of each item."""
        if not isinstance(items, list | tuple):
            raise self._wrong(f"{short(items)} is no list of conditions")
        if self._level == _MOST_LEVELS:
            raise self._wrong(f"the conditions have groups in more than {_MOST_LEVELS} levels")
        self._level += 1
        found = [self._item(each) for each in items]
        self._level -= 1
        return found

    def _item(self, given: Any) -> Conditions:
        if not isinstance(given, Mapping):
            raise self._wrong(f"{short(given)} is no condition; it has to be an object with type, attribute and value")
        if "rules" in given:
            return self._builder_group(given)
        if "operator" in given:
            return self._builder_rule(given)
        item = read_item(self._terms, given, self._viewer)
        if item.kind in _GROUPS:
            return {_GROUPS[item.kind]: self.all_of(item.value)}
        if item.kind in _NAMED:
            return self._named(item)
        return self._meaning(item)

    def _meaning(self, item: ApiItem) -> Conditions:
        meaning = TYPES.get(item.kind)
        if meaning is None:
            raise item.wrong(_REFUSED.get(item.kind) or self._unknown(item.kind, [*TYPES, *_GROUPS, *_NAMED]))
        if self._judge is not None:
            self._judge(item.attribute)
        try:
            return meaning(item)
        except OverflowError as error:
            raise item.wrong("is beyond the dates that there are") from error

    def _named(self, item: ApiItem) -> Conditions:
        if self._filters is None:
            raise item.wrong("there are no filters here")
        if item.kind == "bool":
            return [self._filters.bool_filter(each) for each in item.texts]
        if item.kind == "primary":
            return self._filters.primary_filter(item.text)
        return self._filters.text_filter(item.text)

    def _builder_group(self, given: Mapping[Any, Any]) -> Conditions:
        self._check_keys(given, _GROUP_KEYS)
        condition = str(given.get("condition", "AND")).upper()
        if condition not in ("AND", "OR"):
            raise self._wrong(f"the condition of a group is AND or OR, not {short(given['condition'])}")
        rules = self.all_of(given["rules"])
        group = {condition if rules else "AND": rules}  # a group that nothing was put into yet
        return {"NOT": group} if given.get("not") else group

    def _builder_rule(self, given: Mapping[Any, Any]) -> Conditions:
        self._check_keys(given, _RULE_KEYS)
        operator = given["operator"]
        kind = _BUILDER_OPERATORS.get(operator) if isinstance(operator, str) else None
        if kind is None:
            raise self._wrong(f"{short(dict(given))}: {self._unknown(str(operator), _BUILDER_OPERATORS, 'operator')}")
        rule = {"type": kind, "attribute": given.get("id", given.get("field"))}
        if given.get("value") is not None:  # the builder sends null where it has no field for a value
            rule["value"] = given["value"]
        return self._meaning(read_item(self._terms, rule, self._viewer))

    def _check_keys(self, given: Mapping[Any, Any], known: tuple[str, ...]) -> None:
        unknown = [each for each in given if each not in known]
        if unknown:
            near = did_you_mean(str(unknown[0]), known)
            raise self._wrong(f"{short(dict(given))} has the unknown key {short(unknown[0])}.{near}")

    def _unknown(self, name: str, known: Any, what: str = "type") -> str:
        return f"there is no {what} {short(name)}.{did_you_mean(name, known)}"

    def _wrong(self, why: str) -> BadRequest:
        return BadRequest(sentence(f"{self._terms.name}: {why}"))
