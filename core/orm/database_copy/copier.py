"""Copies one database into another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Connection, Table, inspect

from core.orm.database import Database
from core.orm.database_copy.copied_table import CopiedTable
from core.orm.database_copy.held_source import held
from core.orm.database_copy.left_behind import left_behind
from core.orm.database_copy.report import CopyReport, LeftBehind, UnfitRow
from core.orm.database_copy.target import Target
from core.orm.schema_state import STATE_TABLE, read_state_group

#: Is told what is being done with which table, and how many rows of how many are done.
Listener = Callable[[str, str, int, int], None]

COPYING, COMPARING = "Copying", "Comparing"
# So many rows that do not fit have a cause in common: it is to be mended first.
MOST_UNFIT = 1000


class Copier:
    """Adds to a target the rows of the source that it lacks, and then compares all rows of both, value by value.

    So it goes on where it was interrupted. Rows are never changed or removed, neither in the source nor in the target;
    and when all have come, none are added any more. `address` is that of the source.
    """

    def __init__(self, source: Database, address: str, target: Target) -> None:
        self._source = source
        self._address = address
        self._target = target

    def left_behind(self) -> list[LeftBehind]:
        """What in the source has data and would not be copied, as nothing defines it."""
        with self._source.read() as connection:
            found = left_behind(connection, self._target.tables(), [STATE_TABLE])
            return [each for each in found if each.rows]

    @contextmanager
    def source_held(self) -> Iterator[None]:
        """Nobody else can write to the source meanwhile; raises DatabaseBusy where others do not stop writing."""
        with self._source.read() as connection:
            names = [table.name for table in self._tables_in(connection)]
        with held(self._source, [*names, STATE_TABLE]):
            yield

    def run(self, listener: Listener) -> CopyReport:
        """Copy and compare, in `source_held`. Raises DatabaseError where the target is in use, or fails."""
        with self._source.read() as connection:
            is_whole = self._target.prepare(self._address, read_state_group(connection, ""))
            database = self._target.database
            tables = [CopiedTable(connection, database, table) for table in self._tables_in(connection)]
            unfit: list[UnfitRow] = []
            for table in tables if not is_whole else ():
                unfit += table.copy(_Progress(listener, COPYING, table), MOST_UNFIT - len(unfit))
                if len(unfit) > MOST_UNFIT:
                    return CopyReport([], unfit)
            report = CopyReport([table.compare(_Progress(listener, COMPARING, table)) for table in tables], unfit)
        if report.is_whole and not is_whole:
            self._target.finish(self._address)
        return report

    def _tables_in(self, connection: Connection) -> list[Table]:
        there = set(inspect(connection).get_table_names())
        return [table for table in self._target.tables() if table.name in there]


class _Progress:
    """Counts the rows of a table, and tells the listener."""

    def __init__(self, listener: Listener, doing: str, table: CopiedTable) -> None:
        self._tell = partial(listener, doing, table.name)
        self._done, self._total = 0, table.count()
        self(0)

    def __call__(self, rows: int) -> None:
        self._done += rows
        self._tell(self._done, self._total)
