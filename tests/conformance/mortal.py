"""A process that dies at the n-th thing that it says to its database."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import event

from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement

_DIED, _BROKE = 77, 1
_END = "\0"
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")


def dies_at(point: int, database: Database, prepare: Callable[[], Any], path: Callable[[Any], None]) -> bool:
    """Fork; the child calls `prepare`, and dies at a point of `path`: before a write, or before or after a commit.

    After a write is before the next one, or before the commit. Says whether it died: False means that the path has no
    more points.
    """
    code = _in_a_child(_Fate(point), database, prepare, path)
    assert code in (0, _DIED), f"the path broke at point {point}"
    return code == _DIED


def writes_of(database: Database, prepare: Callable[[], Any], path: Callable[[Any], None], notes: Path) -> set[str]:
    """The statements before which `dies_at` lets a process die on this path; `notes` is a file that is not there."""
    with notes.open("w") as file:
        code = _in_a_child(_Fate(0, file), database, prepare, path)
    assert code == 0, "the path broke"
    return set(notes.read_text().split(_END))


def is_write(statement: str) -> bool:
    """Whether it changes rows."""
    return statement.lstrip().upper().startswith(_WRITES)


def _in_a_child(fate: _Fate, database: Database, prepare: Callable[[], Any], path: Callable[[Any], None]) -> int:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the runner's threads are not used
        child = os.fork()
    if child == 0:
        try:
            prepared = prepare()
            fate.govern(database)
            path(prepared)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - nothing may get out: above this frame the tests go on
            traceback.print_exc()
            os._exit(_BROKE)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


class _Fate:
    def __init__(self, points_left: int, notes: TextIO | None = None) -> None:
        self._points_left = points_left
        self._notes = notes

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
        send_many, fetch, hear = PreparedStatement.send_many, PreparedStatement.fetch, self._hear

        def mortal_send_many(statement: PreparedStatement, *arguments: Any, **values: Any) -> Any:
            hear(str(statement))
            return send_many(statement, *arguments, **values)

        def mortal_fetch(statement: PreparedStatement, *arguments: Any, **values: Any) -> Any:
            hear(str(statement))
            return fetch(statement, *arguments, **values)

        PreparedStatement.send_many = mortal_send_many  # type: ignore[method-assign]  # in a process that ends soon
        PreparedStatement.fetch = mortal_fetch  # type: ignore[method-assign]  # as above

    def _hear(self, statement: str) -> None:
        if is_write(statement):
            if self._notes is not None:
                print(statement, end=_END, file=self._notes, flush=True)
            self._come()

    def _come(self) -> None:
        self._points_left -= 1
        if self._points_left == 0:
            os._exit(_DIED)
