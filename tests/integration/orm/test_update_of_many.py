"""An UPDATE of many rows with values of their own does the same on all databases, whatever they are asked with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, insert, select, update
from sqlalchemy.schema import CreateTable

from core.orm import Database
from core.orm.column_types import TABLE_OPTIONS, Moment, MomentAsRead, everywhere_alike
from core.orm.update_of_many import UpdateOfMany

NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, UTC)
THINGS = Table(
    "things",
    MetaData(),
    Column("id", everywhere_alike(String(20)), primary_key=True),
    Column("count", Integer),
    Column("words", everywhere_alike(String(50))),
    Column("seen_at", Moment()),
    Column("by", everywhere_alike(String(20))),
    **TABLE_OPTIONS,
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(CreateTable(THINGS))
        connection.execute(insert(THINGS), [{"id": f"ä{n}", "count": n, "seen_at": NOON} for n in range(5)])
    yield database
    database.close()


def seen(database: Database) -> UpdateOfMany:
    c = THINGS.c
    this_one = (
        c.id == bindparam("thing_id"),
        c.count == bindparam("old_count"),
        c.seen_at.is_not_distinct_from(bindparam("old_seen_at", type_=MomentAsRead())),
    )
    values = {
        "count": c.count + bindparam("more"),
        "words": bindparam("new_words"),
        "seen_at": bindparam("now", type_=c.seen_at.type),
        "by": bindparam("who"),
    }
    return UpdateOfMany(update(THINGS).where(*this_one).values(values), database.engine.dialect)


def rows_as_read(database: Database) -> list[dict[str, Any]]:
    statement = str(select(THINGS.c.id, THINGS.c.count, THINGS.c.seen_at).order_by(THINGS.c.id))
    with database.read() as connection:
        found = connection.exec_driver_sql(statement.replace('"count"', "count")).all()
    return [{"thing_id": row[0], "old_count": row[1], "old_seen_at": row[2]} for row in found]


def stored(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(THINGS).order_by(THINGS.c.id))]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_each_row_gets_its_own_values_and_what_all_have_in_common(database: Database, count: int) -> None:
    later = NOON + timedelta(seconds=1)
    rows = rows_as_read(database)[:count]
    given = [{**row, "more": 10 * n, "new_words": None if n == 1 else f"{n} 'ü' %s"} for n, row in enumerate(rows)]

    with database.write() as connection:
        assert seen(database).run_many(connection, given, now=later, who="me") == count

    assert stored(database) == [
        (f"ä{n}", 11 * n, None if n == 1 else f"{n} 'ü' %s", later, "me")
        if n < count
        else (f"ä{n}", n, None, NOON, None)
        for n in range(5)
    ]


def test_rows_that_are_not_as_they_were_read_are_left_and_not_counted(database: Database) -> None:
    rows = [{**row, "more": 1, "new_words": "x"} for row in rows_as_read(database)]
    with database.write() as connection:
        connection.execute(update(THINGS).where(THINGS.c.id == "ä1").values(count=9))
        connection.execute(update(THINGS).where(THINGS.c.id == "ä2").values(seen_at=NOON + timedelta(microseconds=1)))

    with database.write() as connection:
        assert seen(database).run_many(connection, rows, now=NOON, who="me") == 3

    assert [row[0] for row in stored(database) if row[4] == "me"] == ["ä0", "ä3", "ä4"]


def test_the_same_statement_takes_any_number_of_rows_one_after_the_other(database: Database) -> None:
    statement = seen(database)
    for count in (3, 5, 2, 3):
        rows = [{**row, "more": 1, "new_words": None} for row in rows_as_read(database)[:count]]
        with database.write() as connection:
            assert statement.run_many(connection, rows, now=NOON, who="me") == count

    assert [row[1] for row in stored(database)] == [4, 5, 5, 4, 5]
