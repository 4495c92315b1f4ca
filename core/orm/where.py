"""AtroCore's `where` language, compiled to SQLAlchemy expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, false, not_, or_, true

from core.exceptions import BadRequest
from core.orm.comparison import OPERATORS, Comparison
from core.orm.entity_type import short
from core.orm.functions import Family
from core.orm.term import Term, Terms
from core.orm.text_match import LONGEST_PATTERN, has_element
from core.orm.where_key import Key, read_key

#: What a client sends must not cost more than this. SQLite takes 32,766 values in a statement, and 1,000 operands in
#: a row; each level of groups is a level of Python's stack.
MOST_LEVELS = 30
MOST_CONDITIONS = 500
MOST_VALUES = 30_000
MOST_ELEMENTS = 100
_HAS = "HAS:"


class Where:
    """Compiles conditions on one table; `names_deleted` says whether one of them was on `deleted`.

    A key is a term with an operator at its end (`executeTime<=`; none means `=`), or a group: `AND`, `OR` and `NOT`
    take a mapping, or a list of mappings. As in SQL a NULL column meets no condition but `=` None. Raises BadRequest
    for an unknown name or operator, for a value that the attribute cannot have, and for more than databases can take.
    """

    def __init__(self, terms: Terms, table: FromClause) -> None:
        self._terms = terms
        self._table = table
        self._level = 0
        self._conditions = 0
        self._values = 0
        self.names_deleted = False
        self.uses_links = False

    def all_of(self, conditions: Any) -> ColumnElement[bool]:
        """All of the conditions, given as a mapping or a list of mappings; none is always true."""
        return and_(true(), *self._each(conditions))

    def _each(self, conditions: Any) -> list[ColumnElement[bool]]:
        if self._level == MOST_LEVELS:
            raise self._too_much(f"groups in more than {MOST_LEVELS} levels")
        self._level += 1
        try:
            if isinstance(conditions, Mapping):
                return [self._condition(key, value) for key, value in conditions.items()]
            if isinstance(conditions, list | tuple):
                return [self.all_of(each) for each in conditions]
        finally:
            self._level -= 1
        raise BadRequest(f"{self._terms.name}: a condition is a mapping or a list of them, not {short(conditions)}.")

    def _condition(self, key: Any, value: Any) -> ColumnElement[bool]:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise self._too_much(f"more than {MOST_CONDITIONS} conditions")
        if key == "AND" or _is_number(key):  # a PHP array without keys has numbers for keys
            return self.all_of(value)
        if key == "OR":
            return or_(false(), *self._each(value))
        if key == "NOT":
            return not_(self.all_of(value))
        if not isinstance(key, str):
            raise BadRequest(f"{self._terms.name}: {short(key)} is no key of a condition.")
        return self._comparison(read_key(key), value)

    def _comparison(self, key: Key, value: Any) -> ColumnElement[bool]:
        term = self._terms.term(key.term.removeprefix(_HAS))
        self.uses_links |= bool(term.relations)
        self.names_deleted |= term.text == "deleted"
        if key.operator not in OPERATORS and key.operator not in ("*", "!*"):
            raise self._wrong(key, "there are no subselects; give a list")
        if key.term.startswith(_HAS):
            return self._has(key, term, value)
        if key.compares_terms:
            return self._with_term(key, term, value)
        if term.stands_for_links:
            return self._linked(key, term, value)
        return self._with_value(key, term, value)

    def _with_value(self, key: Key, term: Term, value: Any) -> ColumnElement[bool]:
        comparison = self._compare(key, term, key.operator, value)
        if comparison.is_never:
            return false()
        found = term.some(self._table, comparison.on)
        if comparison.accepts_null and term.relations and not term.leads_to_many:
            # The link may lead nowhere, and then there is no value either.
            return or_(found, not_(term.some(self._table, lambda each: each.is_not(None))))
        return found

    def _linked(self, key: Key, term: Term, value: Any) -> ColumnElement[bool]:
        """`=`: the link leads to one of them; `!=`: to none of them. None stands for no link at all."""
        self._only_equal(key, "the ids of a link to many")
        comparison = self._compare(key, term, "=", value)
        found = false() if comparison.is_never else term.some(self._table, comparison.on)
        if comparison.accepts_null:
            found = or_(found, not_(term.some(self._table, lambda _: true())))
        return found if key.operator == "=" else not_(found)

    def _has(self, key: Key, term: Term, value: Any) -> ColumnElement[bool]:
        """`=`: the list of texts has one of them; `!=`: it has none of them, or is none."""
        self._only_equal(key, "HAS")
        if key.compares_terms or term.functions or term.attribute.params.get("type") not in ("array", "multiEnum"):
            raise self._wrong(key, "HAS takes an array or a multiEnum, and texts")
        texts = self._texts(key, value)
        found = term.some(self._table, lambda each: and_(each.is_not(None), has_element(each, texts)))
        found = found if texts else false()
        return found if key.operator == "=" else not_(found)

    def _texts(self, key: Key, value: Any) -> list[str]:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list | tuple | set | frozenset) or not all(isinstance(each, str) for each in texts):
            raise self._wrong(key, f"{short(value)} is neither a text nor a list of texts")
        if len(texts) > MOST_ELEMENTS or any(len(each) > LONGEST_PATTERN for each in texts):
            raise self._too_much(f"HAS with more than {MOST_ELEMENTS} texts, or one of over {LONGEST_PATTERN} letters")
        self._count(len(texts))
        return list(dict.fromkeys(texts))

    def _with_term(self, key: Key, term: Term, value: Any) -> ColumnElement[bool]:
        if not isinstance(value, str):
            raise self._wrong(key, f"the value is the name of an attribute, not {short(value)}")
        if key.operator not in OPERATORS:
            raise self._wrong(key, f"an attribute is no pattern; there are {' '.join(OPERATORS)}")
        other = self._terms.term(value)
        if other.family is not term.family:
            raise self._wrong(key, f"'{value}' is {other.family}, and '{term.text}' is {term.family}")
        if term.family is Family.JSON:
            self._only_equal(key, "JSON")
        self.uses_links |= bool(other.relations)
        return OPERATORS[key.operator](term.value(self._table), other.value(self._table))

    def _compare(self, key: Key, term: Term, operator: str, value: Any) -> Comparison:
        comparison = Comparison(f"{self._terms.name}: '{key}'", term.type, operator, value)
        self._count(comparison.count)
        return comparison

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise self._too_much(f"more than {MOST_VALUES} values; ask for fewer at a time")

    def _only_equal(self, key: Key, what: str) -> None:
        if key.operator not in ("=", "!="):
            raise self._wrong(key, f"{what} takes = or !=")

    def _wrong(self, key: Key, why: str) -> BadRequest:
        return BadRequest(f"{self._terms.name}: '{key}': {why}.")

    def _too_much(self, what: str) -> BadRequest:
        return BadRequest(f"{self._terms.name}: the conditions have {what}.")


def _is_number(key: Any) -> bool:
    return isinstance(key, int) or (isinstance(key, str) and key.isdigit())
