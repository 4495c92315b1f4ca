"""What is told of a copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnfitRow:
    """A row that the target cannot store; `column` is None where the target refuses the row as a whole."""

    table: str
    key: str
    column: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.table} '{self.key}': " + (f"{self.column} {self.reason}" if self.column else self.reason)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Rows of a table, or values of a column, that nothing in the metadata stands for."""

    table: str
    column: str | None
    rows: int

    def __str__(self) -> str:
        if self.column is None:
            return f"the table {self.table} ({_rows(self.rows)})"
        return f"the column {self.column} of {self.table} (filled in {_rows(self.rows)})"


@dataclass(frozen=True, slots=True)
class TableResult:
    """How a table of the target compares, value by value, with that of the source.

    Missing rows are in the source alone, extra ones in the target alone, different ones in both.
    """

    table: str
    source_rows: int
    target_rows: int
    missing: int
    different: int
    extra: int

    @property
    def is_same(self) -> bool:
        """Whether both hold the same rows with the same values."""
        return self.source_rows == self.target_rows and not (self.missing or self.different or self.extra)


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What came of a copy. Without results it was given up: too many rows did not fit."""

    results: Sequence[TableResult]
    unfit: Sequence[UnfitRow]

    @property
    def is_whole(self) -> bool:
        """Whether the target holds all that the source does, and nothing else."""
        return bool(self.results) and not self.unfit and all(result.is_same for result in self.results)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
