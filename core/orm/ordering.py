"""In which order entities come, and where in it a page goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, false, literal, or_, true

from core.exceptions import BadRequest
from core.orm import portable_sql as sql
from core.orm.functions import Family
from core.orm.term import Term, Terms

_DIRECTIONS = ("ASC", "DESC")


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an order. NULL comes first where it goes up, and last where it goes down, on every database."""

    term: Term
    goes_down: bool

    def __str__(self) -> str:
        return f"{self.term.text} {_DIRECTIONS[self.goes_down]}"

    def expression(self, table: FromClause) -> ColumnElement[Any]:
        """What is sorted by."""
        return self.term.value(table)

    def by(self, table: FromClause) -> ColumnElement[Any]:
        """An element of ORDER BY."""
        found = self.expression(table)
        if self.term.is_never_null:  # so that PostgreSQL finds its index
            return found.desc() if self.goes_down else found.asc()
        return sql.NullsLast(found) if self.goes_down else sql.NullsFirst(found)

    def not_before(self, expression: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
        """Whether a row is at the value, or behind it."""
        if value is None:
            return expression.is_(None) if self.goes_down else true()
        bound = literal(value, expression.type)
        return self._or_null(expression, expression <= bound) if self.goes_down else expression >= bound

    def behind(self, expression: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
        """Whether a row is behind the value."""
        if value is None:
            return false() if self.goes_down else expression.is_not(None)
        bound = literal(value, expression.type)
        return self._or_null(expression, expression < bound) if self.goes_down else expression > bound

    def at(self, expression: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
        """Whether a row is at the value."""
        return expression.is_(None) if value is None else expression == literal(value, expression.type)

    def _or_null(self, expression: ColumnElement[Any], found: ColumnElement[bool]) -> ColumnElement[bool]:
        return found if self.term.is_never_null else or_(found, expression.is_(None))


#: What the keys of an order are in one row, as the columns have it.
Position = tuple[Any, ...]


def read_order(terms: Terms, keys: Any, direction: str) -> tuple[OrderKey, ...]:
    """The keys that a name means, or a list of names and of (name, direction). Raises BadRequest for what is none."""
    given: Sequence[Any] = [(keys, direction)] if isinstance(keys, str) else keys
    if not isinstance(given, list | tuple):
        raise BadRequest(f"order({keys!r}): it takes a name, or a list of names and of (name, direction).")
    return tuple(_read_key(terms, each, direction) for each in given)


def _read_key(terms: Terms, given: Any, direction: str) -> OrderKey:
    pair = (given, direction) if isinstance(given, str) else given
    if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[0], str):
        raise BadRequest(f"order by {given!r}: a key is a name, or (name, direction).")
    name, wanted = pair
    if not isinstance(wanted, str) or wanted.upper() not in _DIRECTIONS:
        raise BadRequest(f"order by {name}: the direction is ASC or DESC, not {wanted!r}.")
    term = terms.term(name)
    if term.leads_to_many or term.family is Family.JSON:
        what = "leads to many" if term.leads_to_many else "is JSON"
        raise BadRequest(f"{terms.name}: order by '{name}': it {what}, and nothing is sorted by that.")
    return OrderKey(term, wanted.upper() == "DESC")


def complete(order: Sequence[OrderKey], terms: Terms) -> tuple[OrderKey, ...]:
    """The order with the id as its last key, so that no two rows are at one position."""
    for position, key in enumerate(order):
        if key.term.text == "id":
            return tuple(order[: position + 1])
    return (*order, OrderKey(terms.term("id"), False))


def behind(order: Sequence[OrderKey], table: FromClause, position: Position) -> ColumnElement[bool]:
    """Whether a row comes later in the order than a position.

    The first key is bounded by itself, which every database uses an index for. To compare rows, `(a, b) > (x, y)`,
    MariaDB uses none, and no database can where one key goes up and the next one down.
    """
    first, *others = order
    expression, value = first.expression(table), position[0]
    if not others:
        return first.behind(expression, value)
    rest = and_(first.at(expression, value), behind(others, table, position[1:]))
    return and_(first.not_before(expression, value), or_(first.behind(expression, value), rest))
