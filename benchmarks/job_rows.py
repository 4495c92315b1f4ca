"""Jobs by the million, made by SQL inside of the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Table, insert, literal, literal_column, select, text
from sqlalchemy.sql import ColumnElement, Subquery

from core import clock

#: Rows in one statement.
AT_ONCE = 500_000

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n",
    "postgresql": "SELECT i FROM generate_series({first}, {last}) AS n(i)",
    "mariadb": "SELECT seq AS i FROM seq_{first}_to_{last}",
}
#: As a UUIDv7 does, an id sorts by the time of its making.
_ID = {
    "sqlite": "printf('%08x-0000-7000-8000-{mark}%08x', i, i)",
    "postgresql": "lpad(to_hex(i), 8, '0') || '-0000-7000-8000-{mark}' || lpad(to_hex(i), 8, '0')",
    "mariadb": "concat(lpad(lower(hex(i)), 8, '0'), '-0000-7000-8000-{mark}', lpad(lower(hex(i)), 8, '0'))",
}
#: A moment, and from number to number a little later.
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', '{first}', '+' || (i * {step:.6f}) || ' seconds') || '000'",
    "postgresql": "timestamptz '{first}+00' + i * interval '{step:.6f} seconds'",
    "mariadb": "CAST('{first}' AS DATETIME(6)) + INTERVAL (i * {step:.6f}) SECOND",
}


def add_jobs(connection: Connection, job: Table, count: int, *, mark: str = "feed", **columns: Any) -> None:
    """Insert so many jobs; `columns` are values or expressions (see `spread`), the same for all.

    `mark`, four hexadecimal digits, tells the ids of one call from those of another.
    """
    now, dialect = clock.now(), connection.dialect.name
    values = {
        "name": "x",
        "type": "NoOp",
        "status": "Pending",
        "priority": 100.0,
        "attempt": 0,
        "attempt_limit": 1,
        "execute_time": now,
        "created_at": now,
        "modified_at": now,
        "deleted": False,
        **columns,
    }
    for first in range(1, count + 1, AT_ONCE):
        numbers = _numbers(dialect, first, min(count, first + AT_ONCE - 1))
        row_id: ColumnElement[Any] = literal_column(_ID[dialect].format(mark=mark))
        given = [
            literal(value, job.c[name].type) if not isinstance(value, ColumnElement) else value
            for name, value in values.items()
        ]
        made = select(row_id, *given).select_from(numbers)
        connection.execute(insert(job).from_select(["id", *values], made))


def spread(connection: Connection, count: int, first: datetime, last: datetime) -> ColumnElement[datetime]:
    """For `add_jobs` of so many: moments from the first to the last, in the order of the ids."""
    step = (last - first) / timedelta(seconds=1) / count
    template = _MOMENT[connection.dialect.name]
    return literal_column(template.format(first=first.strftime("%Y-%m-%d %H:%M:%S"), step=step))


def mixed_types() -> ColumnElement[str]:
    """For `add_jobs`: one of four types of the module Bench, in turns."""
    return literal_column("CASE i % 4 WHEN 0 THEN 'NoOp' WHEN 1 THEN 'Tick' WHEN 2 THEN 'Stamp' ELSE 'Sleep' END")


def add_ended_jobs(connection: Connection, job: Table, count: int, *, days: float = 20, **columns: Any) -> None:
    """Jobs that succeeded at their first attempt, the first of them so many days ago, the last one now."""
    if not count:
        return
    now = clock.now()
    moment = spread(connection, count, now - timedelta(days=days), now)
    moments = dict.fromkeys(("execute_time", "created_at", "started_at", "ended_at", "modified_at"), moment)
    ended = {"status": "Success", "attempt": 1, "pid": 4711, **moments}
    add_jobs(connection, job, count, **{**ended, **columns})


def _numbers(dialect: str, first: int, last: int) -> Subquery:
    return text(_NUMBERS[dialect].format(first=first, last=last)).columns(i=Integer).subquery("numbers")
