"""In which order entities come, and where in it a page goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, or_, true

from core.exceptions import BadRequest
from core.orm import portable_sql as sql
from core.orm.entity_type import short
from core.orm.functions import Family
from core.orm.term import Term, Terms

_DIRECTIONS = ("ASC", "DESC")


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an order. NULL comes first where it goes up, and last where it goes down, on every database."""

    term: Term
    goes_down: bool
    has_nulls: bool

    def __str__(self) -> str:
        return f"{self.term.text} {_DIRECTIONS[self.goes_down]}"

    def by(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        """An element of ORDER BY."""
        if not self.has_nulls:  # PostgreSQL finds an index for this, and none for what is below
            return expression.desc() if self.goes_down else expression.asc()
        return sql.NullsLast(expression) if self.goes_down else sql.NullsFirst(expression)

    def not_before(self, expression: ColumnElement[Any], mark: str | None) -> ColumnElement[bool]:
        """Whether a row is at a mark or behind it: the parameter of that name, or NULL."""
        if mark is None:
            return expression.is_(None) if self.goes_down else true()
        value = bindparam(mark, type_=expression.type)
        return self._or_null(expression, expression <= value) if self.goes_down else expression >= value

    def behind(self, expression: ColumnElement[Any], mark: str | None) -> ColumnElement[bool]:
        """Whether a row is behind a mark."""
        if mark is None:
            return false() if self.goes_down else expression.is_not(None)
        value = bindparam(mark, type_=expression.type)
        return self._or_null(expression, expression < value) if self.goes_down else expression > value

    def at(self, expression: ColumnElement[Any], mark: str | None) -> ColumnElement[bool]:
        """Whether a row is at a mark."""
        return expression.is_(None) if mark is None else expression == bindparam(mark, type_=expression.type)

    def _or_null(self, expression: ColumnElement[Any], found: ColumnElement[bool]) -> ColumnElement[bool]:
        return or_(found, expression.is_(None)) if self.has_nulls else found


def read_order(terms: Terms, keys: Any, direction: str) -> tuple[OrderKey, ...]:
    """The keys that a name means, or a list of names and of (name, direction). Raises BadRequest for what is none."""
    given: Sequence[Any] = [(keys, direction)] if isinstance(keys, str) else keys
    if not isinstance(given, list | tuple):
        raise BadRequest(f"order({short(keys)}): it takes a name, or a list of names and of (name, direction).")
    return tuple(_read_key(terms, each, direction) for each in given)


def _read_key(terms: Terms, given: Any, direction: str) -> OrderKey:
    pair = (given, direction) if isinstance(given, str) else given
    if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[0], str):
        raise BadRequest(f"order by {short(given)}: a key is a name, or (name, direction).")
    name, wanted = pair
    if not isinstance(wanted, str) or wanted.upper() not in _DIRECTIONS:
        raise BadRequest(f"order by {short(name)}: the direction is ASC or DESC, not {short(wanted)}.")
    term = terms.term(name)
    if term.leads_to_many or term.family is Family.JSON:
        what = "leads to many" if term.leads_to_many else "is JSON"
        raise BadRequest(f"{terms.name}: order by '{name}': it {what}, and nothing is sorted by that.")
    return OrderKey(term, wanted.upper() == "DESC", not term.is_never_null)


def complete(order: Sequence[OrderKey], terms: Terms) -> tuple[OrderKey, ...]:
    """The order with the id as its last key, so that no two rows are at one position.

    It goes where the key before it goes, as an index does.
    """
    for position, key in enumerate(order):
        if key.term.text == "id":
            return tuple(order[: position + 1])
    return (*order, OrderKey(terms.term("id"), bool(order) and order[-1].goes_down, False))
