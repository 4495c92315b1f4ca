"""What an index divides the rows by that it has in an order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import ColumnElement, FromClause, and_


@dataclass(frozen=True, slots=True)
class Division:
    """A column with few values, for each of which an index has the rows in an order.

    There may be rows with other texts than these as well, or with none.
    """

    column: str
    values: tuple[str, ...]
    has_nulls: bool

    def shares(self, table: FromClause) -> Iterator[tuple[ColumnElement[bool], bool]]:
        """Conditions of which each row meets one, and whether the index has in the order what meets it."""
        column = table.c[self.column]
        yield from ((column == value, True) for value in self.values)
        # What is between them: ranges of the index, as texts are compared by code points on every database, as here. In
        # one condition with OR SQLite would read all rows.
        edges = sorted(self.values)
        yield column < edges[0], False
        yield from ((and_(column > low, column < high), False) for low, high in pairwise(edges))
        yield column > edges[-1], False
        if self.has_nulls:
            yield column.is_(None), True
