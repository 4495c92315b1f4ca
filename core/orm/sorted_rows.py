"""The first rows in an order, or those from a position on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_, select, union_all

from core.orm.division import Division
from core.orm.ordering import OrderKey
from core.orm.portable_sql import NotIndexed

#: What the keys of an order are in one row, as the columns have it.
Position = tuple[Any, ...]
#: The names of the parameters that have them; None where it is NULL.
Marks = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of all rows, in an order, from behind the `marks` on.

    `has_first_key` says that it has those with a value in the first key, or (False) those without; None: all. With a
    `division` the rows of each share are read in the index's order, and no more of them than are asked for.
    """

    order: tuple[OrderKey, ...]
    marks: Marks | None
    has_first_key: bool | None = None
    division: Division | None = None

    def of(self, statement: Select[Any], table: FromClause, limit: Any) -> Select[Any]:
        """The first rows of the part. The keys of its order are selected behind the statement's columns."""
        if self.division is None:
            return self._first(statement, table, limit)
        shares = [
            self._first(statement.where(condition), table, limit, is_sorted=is_sorted)
            for condition, is_sorted in self.division.shares(table)
        ]
        return _first_of_all(shares, self.order, limit)

    def _first(self, statement: Select[Any], table: FromClause, limit: Any, *, is_sorted: bool = True) -> Select[Any]:
        keys = [key.term.value(table) for key in self.order]
        if not is_sorted:  # SQLite would rather look for the few rows of the share among all, in the order of their ids
            keys = [NotIndexed(key) for key in keys]
        statement = statement.add_columns(*(key.label(f"sorted_by_{number}") for number, key in enumerate(keys)))
        if self.has_first_key is not None:
            statement = statement.where(keys[0].is_not(None) if self.has_first_key else keys[0].is_(None))
        # Without a value the first key is the same for all.
        start = 1 if self.has_first_key is False else 0
        if self.marks is not None and start < len(keys):
            statement = statement.where(_behind(self.order[start:], keys[start:], self.marks[start:]))
        return _sorted(statement, self.order[start:], keys[start:]).limit(limit)


def parts_of(
    order: tuple[OrderKey, ...], marks: Marks | None, *, is_indexed: bool, division: Division | None = None
) -> list[Part]:
    """The parts, one after the other, that have the rows in an order, from behind the marks on.

    Where an index has the order of the first key, and it may be NULL, the rows with and without it are read apart: for
    both together PostgreSQL would not use the index, and from a position on no database would. Where an index has it
    for each share of a `division` alone, those are read apart and merged.
    """
    first = order[0]
    if not first.has_nulls or not (is_indexed or division):
        return [Part(order, marks, division=division)]
    without = Part(order, marks if marks is not None and marks[0] is None else None, False, division)
    only_values = (replace(first, has_nulls=False), *order[1:])
    values = Part(only_values, marks if marks is not None and marks[0] is not None else None, True, division)
    parts = [values, without] if first.goes_down else [without, values]
    if marks is None:
        return parts
    return parts[parts.index(without if marks[0] is None else values) :]


def first_rows(
    statement: Select[Any], parts: Sequence[Part], order: tuple[OrderKey, ...], table: FromClause, limit: Any
) -> Select[Any]:
    """The first rows of a statement in an order, in one statement. The keys are selected behind its columns."""
    found = [part.of(statement, table, limit) for part in parts]
    return found[0] if len(found) == 1 else _first_of_all(found, order, limit)


def marks_of(position: Position | None) -> Marks | None:
    """The names of a position's parameters."""
    return position and tuple(None if value is None else f"p{number}" for number, value in enumerate(position))


def values_at(position: Position | None) -> dict[str, Any]:
    """The values of a position's parameters."""
    return {f"p{number}": value for number, value in enumerate(position or ()) if value is not None}


def _first_of_all(statements: Sequence[Select[Any]], order: Sequence[OrderKey], limit: Any) -> Select[Any]:
    together = union_all(*(select(each.subquery()) for each in statements)).subquery()
    return _sorted(select(*together.c), order, list(together.c)[-len(order) :]).limit(limit)


def _sorted(statement: Select[Any], order: Sequence[OrderKey], keys: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return statement.order_by(*(key.by(expression) for key, expression in zip(order, keys, strict=True)))


def _behind(order: Sequence[OrderKey], keys: Sequence[ColumnElement[Any]], marks: Marks) -> ColumnElement[bool]:
    """Whether a row comes later than a position.

    The first key is bounded by itself, which every database uses an index for. To compare rows, `(a, b) > (x, y)`,
    MariaDB uses none, and no database can where one key goes up and the next one down.
    """
    first, key, mark = order[0], keys[0], marks[0]
    if len(order) == 1:
        return first.behind(key, mark)
    rest = and_(first.at(key, mark), _behind(order[1:], keys[1:], marks[1:]))
    return and_(first.not_before(key, mark), or_(first.behind(key, mark), rest))
