"""What the rows that are there do not allow, found before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Index,
    Numeric,
    String,
    and_,
    case,
    cast,
    column,
    func,
    not_,
    or_,
    select,
    table,
    true,
)

from core.orm.schema_diff.dialect import SchemaDialect
from core.orm.schema_diff.difference import Difference
from core.orm.schema_diff.filling import value_for_rows
from core.orm.schema_diff.kind import COMES_THROUGH, INT, TEXT, kind_of_column, kind_of_name, length_of_name

_GREATEST_INT = 2**31 - 1
_DIGITS = 30
_SHOWN_CHARACTERS = 40


def obstacles(dialect: SchemaDialect, difference: Difference) -> Iterator[str]:
    """A sentence for each thing that keeps a table from being made as it is defined, with the count of its rows."""
    if difference.is_new:
        return
    yield from dialect.obstacles(difference)
    finder = _Finder(dialect, difference)
    for name in difference.altered_columns:
        yield from finder.of_column(name)
    for name in [*difference.new_indexes, *difference.changed_indexes]:
        yield from finder.of_index(difference.index(name))


class _Finder:
    def __init__(self, dialect: SchemaDialect, difference: Difference) -> None:
        self._dialect = dialect
        self._difference = difference
        self._rows = table(difference.name, *(column(name) for name in difference.there.columns))

    def of_column(self, name: str) -> Iterator[str]:
        before, wanted = self._difference.before(name), self._difference.wanted.columns[name]
        place = f"{self._difference.name}.{name}"
        if before.special != wanted.special:
            yield f"{place} makes its values by itself ({before.special or wanted.special}); change it by hand."
            return
        value = value_for_rows(self._dialect.connection.dialect, self._difference.table.c[name])
        if self._difference.loses_null(name) and value is None:
            yield from self._of_nulls(name, place)
        if name in self._difference.there.columns and before.type != wanted.type:
            yield from self._of_values(name, place)

    def of_index(self, index: Index) -> Iterator[str]:
        """Values that a unique index would forbid; a column that is added with it may still be given them."""
        names = [each.name for each in index.columns]
        if not index.unique or not set(names) <= self._difference.there.columns.keys():
            return
        columns = [self._rows.c[name] for name in names]
        known = [each.is_not(None) for each in columns]
        repeated = select(true()).where(*known, self._part(index)).group_by(*columns).having(func.count() > 1)
        count = self._count(repeated.subquery())
        if count:
            yield (
                f"The index {index.name} of {self._difference.name} is to be unique, and {_times(count)} several rows "
                f"have the same {', '.join(name for name in names if name != 'deleted')}. Remove or change all but one."
            )

    def _of_nulls(self, name: str, place: str) -> Iterator[str]:
        is_there = name in self._difference.there.columns
        without = self._rows.c[name].is_(None) if is_there else true()
        count = self._count(select(true()).select_from(self._rows).where(without).subquery())
        if count:
            yield (
                f"{place} must not be NULL, but {_rows(count)} without a value, and the field has no default. "
                "Give it one in entityDefs, or fill the rows."
            )

    def _of_values(self, name: str, place: str) -> Iterator[str]:
        before, wanted = self._difference.before(name), self._difference.wanted.columns[name]
        target = self._difference.table.c[name].type
        kinds = kind_of_name(before.type), kind_of_column(target)
        text = self._dialect.as_text(self._rows.c[name], kinds[0])
        if kinds in COMES_THROUGH and kinds[1] == TEXT:
            length = target.length if isinstance(target, String) else None
            yield from self._of_length(text, place, length_of_name(before.type), length)
            return
        count, example = self._unfit(name, text, kinds)
        if count:
            yield (
                f"{place} is to become {wanted.type.lower()} instead of {before.type.lower()}, but {_rows(count)} with "
                f"a value that would not come through ({example}). Change the values first, in a migration or by hand."
            )

    def _of_length(self, text: ColumnElement[str], place: str, before: int | None, wanted: int | None) -> Iterator[str]:
        if wanted is None or (before is not None and before <= wanted):
            return
        length = func.char_length(text) if self._dialect.connection.dialect.name != "sqlite" else func.length(text)
        query = select(func.count(), func.max(length)).select_from(self._rows).where(length > wanted)
        count, longest = self._dialect.connection.execute(query).one()
        if count:
            yield (
                f"{place} is to hold {wanted} characters, but {_rows(count)} with more (up to {longest}). Shorten "
                "them first, or let the field keep its maxLength."
            )

    def _unfit(self, name: str, text: ColumnElement[str], kinds: tuple[str, str]) -> tuple[int, str]:
        query = select(func.count(), func.min(text)).select_from(self._rows)
        query = query.where(self._rows.c[name].is_not(None), _does_not_come_through(text, kinds))
        count, example = self._dialect.connection.execute(query).one()
        shown = repr(str(example))
        return count, shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}..."

    def _part(self, index: Index) -> Any:
        where = index.dialect_options[self._dialect.connection.dialect.name].get("where")
        return true() if where is None else where

    def _count(self, rows: FromClause) -> int:
        return int(self._dialect.connection.execute(select(func.count()).select_from(rows)).scalar_one())


def _does_not_come_through(text: ColumnElement[str], kinds: tuple[str, str]) -> ColumnElement[bool]:
    if kinds not in COMES_THROUGH:
        return true()
    pattern = COMES_THROUGH[kinds]
    if pattern is None:
        return not_(true())
    looks_right = text.regexp_match(f"^({pattern})$")
    if kinds[1] != INT:
        return not_(looks_right)
    number = case((looks_right, cast(text, Numeric(_DIGITS, 1))), else_=0)
    return or_(not_(looks_right), not_(and_(number >= -_GREATEST_INT, number <= _GREATEST_INT)))


def _rows(count: int) -> str:
    return "1 row is there" if count == 1 else f"{count} rows are there"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
