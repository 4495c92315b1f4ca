"""Numbers for fields of type `autoincrement`, without gaps, on every database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.orm.column_types import TABLE_OPTIONS

#: One row for each counter: `product.number`.
COUNTERS = Table(
    "pyatro_counter",
    MetaData(),
    Column("name", String(128), primary_key=True),
    Column("value", BigInteger, nullable=False),
    **TABLE_OPTIONS,
)


def take_numbers(connection: Connection, column: Column[int], count: int) -> range:
    """The next numbers of a column. Others wait for the end of this transaction; a rollback gives the numbers back."""
    name = f"{column.table.name}.{column.name}"
    if not _add(connection, name, count):
        try:
            with connection.begin_nested():
                _begin(connection, name, column)
        except IntegrityError:
            pass  # somebody else has begun to count meanwhile
        _add(connection, name, count)
    last = int(connection.execute(select(COUNTERS.c.value).where(COUNTERS.c.name == name)).scalar_one())
    return range(last - count + 1, last + 1)


def skip_to(connection: Connection, column: Column[int], number: int) -> None:
    """Count on after a number that somebody chose."""
    name = f"{column.table.name}.{column.name}"
    is_behind = COUNTERS.c.name == name, COUNTERS.c.value < number
    connection.execute(update(COUNTERS).where(*is_behind).values(value=number))


def _add(connection: Connection, name: str, count: int) -> bool:
    statement = update(COUNTERS).where(COUNTERS.c.name == name).values(value=COUNTERS.c.value + count)
    return bool(connection.execute(statement).rowcount)


def _begin(connection: Connection, name: str, column: Column[int]) -> None:
    greatest = connection.execute(select(func.max(column))).scalar() or 0
    connection.execute(insert(COUNTERS).values(name=name, value=greatest))
