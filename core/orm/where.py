"""AtroCore's `where` language, read and judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.exceptions import BadRequest
from core.orm.comparison import LISTS, OPERATORS, Comparison
from core.orm.condition_tree import Compared, ComparedTerms, Condition, Conditions, Group, Has, Linked
from core.orm.entity_type import short
from core.orm.functions import Family
from core.orm.term import Term, Terms
from core.orm.text_match import LONGEST_PATTERN, elements_expression
from core.orm.where_key import Key, read_key

#: What a client sends must not cost more than this. SQLite takes 32,766 values in a statement, and 1,000 operands in
#: a row; each level of groups is a level of Python's stack.
MOST_LEVELS = 30
MOST_CONDITIONS = 500
MOST_VALUES = 30_000
MOST_ELEMENTS = 100
_HAS = "HAS:"
_LIST_TYPES = ("array", "multiEnum")


def read_where(terms: Terms, conditions: Any, prefix: str = "w") -> Conditions:
    """The conditions that all have to be met, given as a mapping or a list of mappings.

    A key is a term with an operator at its end (`executeTime<=`; none means `=`), or a group: `AND`, `OR` and `NOT`
    take a mapping, or a list of mappings. As in SQL a NULL column meets no condition but `=` None. `prefix` begins the
    names of the parameters. Raises BadRequest for an unknown name or operator, for a value that the attribute cannot
    have, and for more than databases can take.
    """
    reading = _Reading(terms, prefix)
    root = reading.all_of(conditions)
    return Conditions(root, reading.values, reading.names_deleted, reading.uses_links)


class _Reading:
    def __init__(self, terms: Terms, prefix: str) -> None:
        self._terms = terms
        self._prefix = prefix
        self._level = 0
        self._conditions = 0
        self._count_of_values = 0
        self.values: dict[str, Any] = {}
        self.names_deleted = False
        self.uses_links = False

    def all_of(self, conditions: Any) -> Condition:
        """All of the conditions; none is always true."""
        return Group("AND", self._each(conditions))

    def _each(self, conditions: Any) -> tuple[Condition, ...]:
        if self._level == MOST_LEVELS:
            raise self._too_much(f"groups in more than {MOST_LEVELS} levels")
        self._level += 1
        try:
            if isinstance(conditions, Mapping):
                return tuple(self._condition(key, value) for key, value in conditions.items())
            if isinstance(conditions, list | tuple):
                return tuple(self.all_of(each) for each in conditions)
        finally:
            self._level -= 1
        raise BadRequest(f"{self._terms.name}: a condition is a mapping or a list of them, not {short(conditions)}.")

    def _condition(self, key: Any, value: Any) -> Condition:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise self._too_much(f"more than {MOST_CONDITIONS} conditions")
        if _is_number(key):  # a PHP array without keys has numbers for keys
            return self.all_of(value)
        if key in ("AND", "OR", "NOT"):
            return Group(key, self._each(value))
        if not isinstance(key, str):
            raise BadRequest(f"{self._terms.name}: {short(key)} is no key of a condition.")
        return self._leaf(read_key(key), value)

    def _leaf(self, key: Key, value: Any) -> Condition:
        term = self._terms.term(key.term.removeprefix(_HAS))
        self.uses_links = self.uses_links or bool(term.relations)
        self.names_deleted = self.names_deleted or term.text == "deleted"
        if key.operator not in OPERATORS and key.operator not in ("*", "!*"):
            raise self._wrong(key, "there are no subselects; give a list")
        if key.term.startswith(_HAS):
            return self._has(key, term, value)
        if key.compares_terms:
            return self._compared_terms(key, term, value)
        if term.stands_for_links:
            return self._linked(key, term, value)
        comparison, parameter = self._compare(key, term, key.operator, value)
        return Compared(str(key), term, comparison, parameter)

    def _linked(self, key: Key, term: Term, value: Any) -> Condition:
        self._only_equal(key, "the ids of a link to many")
        comparison, parameter = self._compare(key, term, "=", value)
        return Linked(str(key), term, comparison, parameter, key.operator == "!=")

    def _has(self, key: Key, term: Term, value: Any) -> Condition:
        self._only_equal(key, "HAS")
        if key.compares_terms or term.functions or term.attribute.params.get("type") not in _LIST_TYPES:
            raise self._wrong(key, "HAS takes an array or a multiEnum, and texts")
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, LISTS) or not all(isinstance(each, str) for each in texts):
            raise self._wrong(key, f"{short(value)} is neither a text nor a list of texts")
        if len(texts) > MOST_ELEMENTS or any(len(each) > LONGEST_PATTERN for each in texts):
            raise self._too_much(f"HAS with more than {MOST_ELEMENTS} texts, or one of over {LONGEST_PATTERN} letters")
        try:
            parameter = self._parameter(elements_expression(texts), len(texts))
        except ValueError as error:
            raise self._wrong(key, f"{short(value)} is no text that a database can store") from error
        return Has(str(key), term, parameter, not texts, key.operator == "!=")

    def _compared_terms(self, key: Key, term: Term, value: Any) -> Condition:
        if not isinstance(value, str):
            raise self._wrong(key, f"the value is the name of an attribute, not {short(value)}")
        if key.operator not in OPERATORS:
            raise self._wrong(key, f"an attribute is no pattern; there are {' '.join(OPERATORS)}")
        other = self._terms.term(value)
        if other.family is not term.family:
            raise self._wrong(key, f"'{value}' is {other.family}, and '{term.text}' is {term.family}")
        if term.family is Family.JSON:
            self._only_equal(key, "JSON")
        for each in (term, other):
            each.require_one()
        self.uses_links = self.uses_links or bool(other.relations)
        return ComparedTerms(term, key.operator, other)

    def _compare(self, key: Key, term: Term, operator: str, value: Any) -> tuple[Comparison, str]:
        comparison = Comparison(f"{self._terms.name}: '{key}'", term.type, operator, value)
        return comparison, self._parameter(comparison.value, comparison.count)

    def _parameter(self, value: Any, count: int) -> str:
        """The name of the parameter with this value, which stands for so many values."""
        self._count_of_values += count
        if self._count_of_values > MOST_VALUES:
            raise self._too_much(f"more than {MOST_VALUES} values; ask for fewer at a time")
        name = f"{self._prefix}{len(self.values)}"
        self.values[name] = value
        return name

    def _only_equal(self, key: Key, what: str) -> None:
        if key.operator not in ("=", "!="):
            raise self._wrong(key, f"{what} takes = or !=")

    def _wrong(self, key: Key, why: str) -> BadRequest:
        return BadRequest(f"{self._terms.name}: '{key}': {why}.")

    def _too_much(self, what: str) -> BadRequest:
        return BadRequest(f"{self._terms.name}: the conditions have {what}.")


def _is_number(key: Any) -> bool:
    return isinstance(key, int) or (isinstance(key, str) and key.isdigit())
