"""What a copy would leave behind, as nothing in the metadata stands for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, Table, column, func, inspect, select, table, true

from core.orm.database_copy.report import LeftBehind


def left_behind(connection: Connection, tables: Sequence[Table], bookkeeping: Collection[str]) -> Iterator[LeftBehind]:
    """Tables with rows, and columns with values, that are not among those that are copied.

    A table that the user may not read is somebody else's.
    """
    defined = {each.name: each for each in tables}
    found = inspect(connection)
    for name in sorted(set(found.get_table_names()) - set(bookkeeping)):
        if name not in defined:
            if _is_readable(connection, name):
                yield LeftBehind(name, None, _count(connection, name, None))
            continue
        for each in (described["name"] for described in found.get_columns(name)):
            if each not in defined[name].columns:
                yield LeftBehind(name, each, _count(connection, name, each))


def _is_readable(connection: Connection, name: str) -> bool:
    if connection.dialect.name != "postgresql":  # MariaDB does not even name the others
        return True
    return bool(connection.scalar(select(func.has_table_privilege(func.quote_ident(name), "SELECT"))))


def _count(connection: Connection, name: str, filled: str | None) -> int:
    is_counted = true() if filled is None else column(filled).is_not(None)
    return int(connection.execute(select(func.count()).select_from(table(name)).where(is_counted)).scalar_one())
