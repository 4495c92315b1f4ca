"""Conditions that were read and judged, before they are SQL."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import BindParameter, ColumnElement, FromClause, and_, bindparam, false, not_, or_, true

from core.orm.comparison import OPERATORS, Comparison
from core.orm.term import Term
from core.orm.text_match import Bind, matches


class Condition(Protocol):
    """A condition, or a group of them. `shape` is all of it that its SQL depends on: the values are parameters."""

    @property
    def shape(self) -> Hashable:
        """The same for two conditions whose SQL is the same."""

    def on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        """The condition on the rows of a table; `bind` makes its parameters."""


@dataclass(frozen=True, slots=True)
class Group:
    """`AND`, `OR`, `NOT`: not all of the members."""

    kind: str
    members: tuple[Condition, ...]

    @property
    def shape(self) -> Hashable:
        """See `Condition`."""
        return self.kind, *(each.shape for each in self.members)

    def on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        """See `Condition`."""
        found = [each.on(table, bind) for each in self.members]
        if self.kind == "OR":
            return or_(false(), *found)
        return not_(and_(true(), *found)) if self.kind == "NOT" else and_(true(), *found)


@dataclass(frozen=True, slots=True)
class Compared:
    """A term is compared with values; over links: one of the entities there meets the condition."""

    key: str
    term: Term
    comparison: Comparison
    parameter: str

    @property
    def shape(self) -> Hashable:
        """See `Condition`."""
        return self.key, self.comparison.shape

    def on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        """See `Condition`."""
        if self.comparison.is_never:
            return false()
        found = self.term.some(table, lambda each: self.comparison.on(each, self.parameter, bind))
        if self.comparison.accepts_null and self.term.relations and not self.term.leads_to_many:
            # The link may lead nowhere, and then there is no value either.
            return or_(found, not_(self.term.some(table, lambda each: each.is_not(None))))
        return found


@dataclass(frozen=True, slots=True)
class Linked:
    """A link to many leads to one of some entities, or (`is_negated`) to none of them; NULL stands for no link."""

    key: str
    term: Term
    comparison: Comparison
    parameter: str
    is_negated: bool

    @property
    def shape(self) -> Hashable:
        """See `Condition`."""
        return self.key, self.comparison.shape

    def on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        """See `Condition`."""
        found = false() if self.comparison.is_never else self._leads_to_one(table, bind)
        if self.comparison.accepts_null:
            found = or_(found, not_(self.term.some(table, lambda _: true())))
        return not_(found) if self.is_negated else found

    def _leads_to_one(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        return self.term.some(table, lambda each: self.comparison.on(each, self.parameter, bind))


@dataclass(frozen=True, slots=True)
class Has:
    """A list of texts has one of some elements, or (`is_negated`) none of them."""

    key: str
    term: Term
    parameter: str
    is_never: bool
    is_negated: bool

    @property
    def shape(self) -> Hashable:
        """See `Condition`."""
        return self.key, self.is_never

    def on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        """See `Condition`."""
        found = false() if self.is_never else self.term.some(table, lambda each: self._has(each, bind))
        return not_(found) if self.is_negated else found

    def _has(self, expression: ColumnElement[Any], bind: Bind) -> ColumnElement[bool]:
        return and_(expression.is_not(None), matches(expression, self.parameter, bind))


@dataclass(frozen=True, slots=True)
class ComparedTerms:
    """Two terms are compared with each other."""

    term: Term
    operator: str
    other: Term

    @property
    def shape(self) -> Hashable:
        """See `Condition`."""
        return self.term.text, self.operator, self.other.text

    def on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        """See `Condition`."""
        return OPERATORS[self.operator](self.term.value(table), self.other.value(table))


@dataclass(frozen=True, slots=True)
class Conditions:
    """All conditions of a query, with the values of their parameters.

    `names_deleted` says whether one of them was on `deleted`, `uses_links` whether other tables are needed.
    """

    root: Condition
    values: Mapping[str, Any]
    names_deleted: bool
    uses_links: bool

    @property
    def shape(self) -> Hashable:
        """The same for two whose SQL is the same."""
        return self.root.shape

    @property
    def fixed_columns(self) -> frozenset[str]:
        """The columns that have one and the same value in all rows that meet the conditions."""
        return frozenset(_fixed_columns(self.root))

    @property
    def are_none(self) -> bool:
        """Whether every row meets them, as there are none."""
        return _is_empty(self.root)

    def on(self, table: FromClause) -> ColumnElement[bool]:
        """The condition on the rows of a table; the values are to be handed over at each execution."""
        return self._on(table, bindparam)

    def bound_on(self, table: FromClause) -> ColumnElement[bool]:
        """The condition on the rows of a table, with its values."""

        def bind(name: str, **options: Any) -> BindParameter[Any]:
            return bindparam(name, self.values[name], **options)

        return self._on(table, bind)

    def _on(self, table: FromClause, bind: Bind) -> ColumnElement[bool]:
        members = self.root.members if isinstance(self.root, Group) and self.root.kind == "AND" else ()
        named = [each for each in members if _names_ids(each)]
        if not named:
            return self.root.on(table, bind)
        # The others as one truth value, for which there is no index: SQLite would rather go through all rows of a
        # status than look at those that are named.
        others = Group("AND", tuple(each for each in members if not _names_ids(each)))
        return and_(*(each.on(table, bind) for each in named), others.on(table, bind).is_(true()))


def _names_ids(condition: Condition) -> bool:
    """Whether only rows with some given ids can meet it."""
    if not isinstance(condition, Compared) or not condition.term.is_column or condition.term.column != "id":
        return False
    return condition.comparison.names_all


def _is_empty(condition: Condition) -> bool:
    return isinstance(condition, Group) and condition.kind == "AND" and all(map(_is_empty, condition.members))


def _fixed_columns(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Group) and condition.kind == "AND":
        for each in condition.members:
            yield from _fixed_columns(each)
    elif isinstance(condition, Compared) and condition.comparison.is_one_value and condition.term.is_column:
        yield condition.term.column
