"""One table in both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, String, Table, Text, insert
from sqlalchemy.exc import IntegrityError

from core.exceptions import DatabaseError
from core.orm.database import Database
from core.orm.database_copy.exact_values import ExactValues
from core.orm.database_copy.refused_values import refused_values
from core.orm.database_copy.report import TableResult, UnfitRow
from core.orm.database_copy.row_limit import RowLimit
from core.orm.database_copy.table_rows import Key, Row, TableRows
from core.orm.prepared_statement import PreparedStatement

#: Exact values by key.
Rows = Mapping[Key, tuple[Any, ...]]
#: Is told how many more rows of the source were looked at.
Advance = Callable[[int], None]

_MOST_ROWS, _FIRST_ROWS = 1000, 50
# Rows with long texts come a few at a time.
_MOST_CHARACTERS = 8_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the source, and what the target has from the last page's end to the end of this one."""

    read: int = 0
    rows: Rows = field(default_factory=dict)
    there: Rows = field(default_factory=dict)
    unfit: Sequence[UnfitRow] = ()

    @property
    def missing(self) -> list[Key]:
        """What the target lacks."""
        return [key for key in self.rows if key not in self.there]

    @property
    def different(self) -> list[Key]:
        """What is otherwise in the target."""
        if self.rows == self.there:
            return []
        return [key for key, row in self.there.items() if key in self.rows and self.rows[key] != row]

    @property
    def extra(self) -> list[Key]:
        """What the source lacks."""
        return [key for key in self.there if key not in self.rows]


class CopiedTable:
    """Adds to a table of the target the rows of the source that it lacks, and compares the two.

    `source` is a connection while nobody else writes there.
    """

    def __init__(self, source: Connection, target: Database, table: Table) -> None:
        self.name = table.name
        self._source = source
        self._target = target
        self._columns = [column.name for column in table.columns]
        self._values = ExactValues(table)
        self._limit = RowLimit(target, self._columns)
        self._here = TableRows(table, source.dialect, is_careful=True)
        self._there = TableRows(table, target.engine.dialect)
        self._inserting = PreparedStatement(insert(table), target.engine.dialect)
        texts = (position for position, column in enumerate(table.columns) if _is_long(column.type))
        self._long_texts = list(texts)

    def count(self) -> int:
        """How many rows the source has."""
        return self._here.count(self._source)

    def copy(self, advance: Advance, most_unfit: int) -> list[UnfitRow]:
        """Copy page by page, each in a transaction; answers the rows that do not fit, and gives up after `most_unfit`.

        Raises DatabaseError where the target has a row that the source has not, or has otherwise.
        """
        unfit: list[UnfitRow] = []
        for page in self._pages():
            self._refuse_others(page)
            unfit += [*page.unfit, *self._add(page.rows[key] for key in page.missing)]
            if len(unfit) > most_unfit:
                break
            advance(page.read)
        return unfit

    def compare(self, advance: Advance) -> TableResult:
        """Read both tables once more, and compare all values."""
        missing = different = extra = 0
        for page in self._pages():
            missing += page.read - len(page.rows) + len(page.missing)
            different += len(page.different)
            extra += len(page.extra)
            advance(page.read)
        with self._target.read() as connection:
            there = self._there.count(connection)
        return TableResult(self.name, self.count(), there, missing, different, extra)

    def _pages(self) -> Iterator[Page]:
        lost = [_without_text_as_key(self.name, key) for key in self._here.without_text_as_key(self._source)]
        if lost:
            yield Page(len(lost), unfit=lost)
        after: Key | None = None
        upto: Key | None = None
        most = _FIRST_ROWS
        while found := self._here.page(self._source, after, most):
            after, most = self._here.key(found[-1]), self._next_size(found, most)
            rows, unfit = self._judge(found)
            since, upto = upto, next(reversed(rows), upto)
            yield Page(len(found), rows, self._rows_there(since, upto) if rows else {}, unfit)
        if left := self._rows_there(upto, None):
            yield Page(there=left)

    def _next_size(self, found: Sequence[Row], most: int) -> int:
        """Twice as many rows, unless they are long."""
        characters = sum(len(row[position] or "") for row in found for position in self._long_texts)
        fitting = len(found) * _MOST_CHARACTERS // max(1, characters)
        return max(1, min(2 * most, fitting, _MOST_ROWS))

    def _judge(self, found: Sequence[Row]) -> tuple[dict[Key, tuple[Any, ...]], list[UnfitRow]]:
        rows, unfit = {}, []
        for row in found:
            try:
                rows[self._here.key(row)] = self._values.read(row)
            except ValueError:
                faults = self._values.faults(row)
                unfit += [UnfitRow(self.name, self._shown_key(row), column, reason) for column, reason in faults]
        return rows, unfit

    def _rows_there(self, since: Key | None, upto: Key | None) -> dict[Key, tuple[Any, ...]]:
        with self._target.read() as connection:
            found = self._there.between(connection, since, upto)
        return {self._there.key(row): self._as_far_as_readable(row) for row in found}

    def _as_far_as_readable(self, row: Row) -> tuple[Any, ...]:
        # What does not fit was not written by us: it is otherwise than in the source, whatever it is.
        try:
            return self._values.read(row)
        except ValueError:
            return tuple(row)

    def _refuse_others(self, page: Page) -> None:
        others = [*page.different, *page.extra]
        if others:
            key = ", ".join(map(str, others[0]))
            what = "is otherwise than" if page.different else "is not"
            raise DatabaseError(
                f"{self._target.place} has the row '{key}' in the table {self.name}, which {what} in the source. "
                "Either the source was changed since the copy was interrupted, or the target is in use already. A copy "
                "never changes or removes rows: empty the target, or name another one, and begin anew."
            )

    def _add(self, rows: Iterable[tuple[Any, ...]]) -> list[UnfitRow]:
        """Insert what the target takes; answers the others."""
        fitting, unfit = [], []
        for row in rows:
            fault = self._limit.fault(row)
            if fault is None:
                fitting.append(row)
            else:
                unfit.append(UnfitRow(self.name, self._shown_key(row), None, fault))
        return [*unfit, *(self._insert(fitting) if fitting else ())]

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> list[UnfitRow]:
        """In one transaction, or in halves where the target refuses a row, down to the row itself."""
        try:
            with self._target.write() as connection:
                self._inserting.run_many(connection, [dict(zip(self._columns, row, strict=True)) for row in rows])
        except (IntegrityError, DatabaseError) as error:
            reason = refused_values(error)
            if reason is None:
                raise
            if len(rows) == 1:
                return [UnfitRow(self.name, self._shown_key(rows[0]), None, f"is refused: {reason}")]
            half = len(rows) // 2
            return [*self._insert(rows[:half]), *self._insert(rows[half:])]
        return []

    def _shown_key(self, row: Row) -> str:
        key = ", ".join(map(str, self._here.key(row)))
        return key.encode("utf-8", "backslashreplace").decode()


def _is_long(column_type: Any) -> bool:
    return isinstance(column_type, Text) or (isinstance(column_type, String) and column_type.length is None)


def _without_text_as_key(table: str, key: str) -> UnfitRow:
    return UnfitRow(table, key, None, "has bytes for a key, not text")
