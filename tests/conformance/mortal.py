"""A process that dies at the n-th thing that it says to its database."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement

_DIED, _BROKE = 77, 1
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")


def dies_at(point: int, database: Database, prepare: Callable[[], Any], path: Callable[[Any], None]) -> bool:
    """Fork; the child calls `prepare`, and dies at a point of `path`: before a write, or before or after a commit.

    After a write is before the next one, or before the commit. Says whether it died: False means that the path has no
    more points.
    """
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the runner's threads are not used
        child = os.fork()
    if child == 0:
        try:
            prepared = prepare()
            _Fate(point).govern(database)
            path(prepared)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - nothing may get out: above this frame the tests go on
            traceback.print_exc()
            os._exit(_BROKE)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, _DIED), f"the path broke at point {point}"
    return code == _DIED


class _Fate:
    def __init__(self, points_left: int) -> None:
        self._points_left = points_left

    def govern(self, database: Database) -> None:
        """From now on each write and each commit brings it nearer; for this process alone, so nothing is undone."""
        engine = database.engine
        event.listen(engine, "before_cursor_execute", lambda *arguments: self._hear(arguments[2]))
        self._govern_commits(engine.dialect)
        self._govern_prepared_statements()

    def _govern_commits(self, dialect: Any) -> None:
        commit = dialect.do_commit

        def mortal_commit(connection: Any) -> None:
            self._come()
            commit(connection)
            self._come()

        dialect.do_commit = mortal_commit

    def _govern_prepared_statements(self) -> None:
        original, hear = PreparedStatement._cursor, self._hear

        def mortal_cursor(statement: PreparedStatement, connection: Any) -> Any:
            return _MortalCursor(original(statement, connection), hear)

        PreparedStatement._cursor = mortal_cursor  # type: ignore[method-assign]  # in a process that ends soon

    def _hear(self, statement: str) -> None:
        if statement.lstrip().upper().startswith(_WRITES):
            self._come()

    def _come(self) -> None:
        self._points_left -= 1
        if self._points_left == 0:
            os._exit(_DIED)


class _MortalCursor:
    def __init__(self, cursor: Any, hear: Callable[[str], None]) -> None:
        self._cursor = cursor
        self._hear = hear

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, statement: str, *arguments: Any) -> Any:
        self._hear(statement)
        return self._cursor.execute(statement, *arguments)

    def executemany(self, statement: str, *arguments: Any) -> Any:
        self._hear(statement)
        return self._cursor.executemany(statement, *arguments)
