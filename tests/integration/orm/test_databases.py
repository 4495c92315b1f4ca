"""What is the same on all three databases: reads, transactions, and what the database refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from core.exceptions import DatabaseError
from core.orm import Database
from core.orm.column_types import TABLE_OPTIONS, Moment, everywhere_alike
from core.orm.prepared_statement import PreparedStatement


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER UNIQUE)")
    yield database
    database.close()


def numbers(database: Database) -> list[int]:
    with database.snapshot() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT n FROM t ORDER BY n")]


def add(database: Database, number: int) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO t VALUES ({number})")


def test_what_is_written_in_a_transaction_is_seen_by_others_after_the_commit_only(database: Database) -> None:
    with database.transaction():
        add(database, 1)
        assert numbers(database) == []
    assert numbers(database) == [1]


def test_an_exception_rolls_everything_back(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction():
        add(database, 1)
        raise RuntimeError
    assert numbers(database) == []
    add(database, 2)
    assert numbers(database) == [2]


def test_a_nested_transaction_rolls_back_alone(database: Database) -> None:
    with database.transaction():
        add(database, 1)
        with pytest.raises(IntegrityError), database.transaction():
            add(database, 1)
        add(database, 3)
    assert numbers(database) == [1, 3]


def test_a_reader_sees_what_others_commit_meanwhile(database: Database, database_url: str) -> None:
    other = Database(database_url)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
        add(other, 1)
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 1
    other.close()


def test_what_the_database_refuses_is_one_sentence_that_names_it(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"The database .* refused: .*nowhere"), database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert numbers(database) == []


def test_an_update_computes_new_values_from_the_old_ones(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE t ADD COLUMN m INTEGER")
        connection.exec_driver_sql("INSERT INTO t (n, m) VALUES (1, 0)")
        connection.exec_driver_sql("UPDATE t SET n = n + 1, m = n + 1")
        assert connection.exec_driver_sql("SELECT n, m FROM t").one() == (2, 2)


def test_texts_are_told_apart_by_capitals_accents_and_blanks_and_sorted_by_their_characters(database: Database) -> None:
    texts = ["B", "a", "a ", "z", "ä", "\U0001f600"]
    table = Table("word", MetaData(), Column("word", everywhere_alike(String(20)), primary_key=True), **TABLE_OPTIONS)
    with database.write() as connection:
        connection.execute(CreateTable(table))
        connection.execute(insert(table), [{"word": each} for each in reversed(texts)])

    with database.read() as connection:
        assert list(connection.execute(select(table.c.word).order_by(table.c.word)).scalars()) == texts
        for each in texts:
            assert connection.execute(select(table.c.word).where(table.c.word == each)).scalars().all() == [each]
        assert connection.execute(select(table.c.word).where(table.c.word == "A")).first() is None


def test_a_moment_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    table = Table("seen", MetaData(), Column("seen_at", Moment()), **TABLE_OPTIONS)
    with database.write() as connection:
        connection.execute(CreateTable(table))
        connection.execute(insert(table), [{"seen_at": moment}])

    with database.read() as connection:
        found = connection.execute(select(table.c.seen_at).where(table.c.seen_at == moment)).scalar()
    assert found == moment
    assert found.tzinfo is UTC


def test_long_texts_are_stored_whole(database: Database) -> None:
    table = Table("long", MetaData(), Column("words", everywhere_alike(Text())), **TABLE_OPTIONS)
    with database.write() as connection:
        connection.execute(CreateTable(table))
        PreparedStatement(insert(table), connection.dialect).run_many(connection, [{"words": "ü" * 300_000}])

    with database.read() as connection:
        assert connection.execute(select(table.c.words)).scalar() == "ü" * 300_000


def test_rows_that_match_are_counted_though_nothing_changes(database: Database) -> None:
    table = Table("t", MetaData(), Column("n", Integer))
    insert_n = PreparedStatement(insert(table), database.engine.dialect)
    same = PreparedStatement(update(table).where(table.c.n == bindparam("which")).values(n=1), database.engine.dialect)
    with database.write() as connection:
        assert insert_n.run_many(connection, [{"n": 1}, {"n": 2}]) == 2
        assert same.run(connection, which=1).rowcount == 1
        assert same.run_many(connection, [{"which": 1}, {"which": 7}]) == 1


def statements_of(database: Database) -> tuple[PreparedStatement, PreparedStatement]:
    """An INSERT of `n`, and an UPDATE of the row `which` that does not change it."""
    table, dialect = Table("t", MetaData(), Column("n", Integer)), database.engine.dialect
    same = update(table).where(table.c.n == bindparam("which")).values(n=table.c.n)
    return PreparedStatement(insert(table), dialect), PreparedStatement(same, dialect)


@pytest.mark.parametrize("is_hasty", [False, True])
def test_what_is_sent_together_is_counted_apart(database: Database, is_hasty: bool) -> None:
    if is_hasty:
        database.close()  # what is open stays as it was
        database.be_hasty(1)
    insert_n, same = statements_of(database)
    with database.write() as connection:
        with database.together(connection) as batch:
            first = insert_n.send_many(batch, [{"n": 1}, {"n": 2}, {"n": 3}])
            second = same.send_many(batch, [{"which": 1}, {"which": 7}, {"which": 3}])
            third = same.send_many(batch, [{"which": 7}])
        assert [first.rowcount, second.rowcount, third.rowcount] == [3, 2, 0]
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 3
    assert numbers(database) == [1, 2, 3]


@pytest.mark.parametrize("is_hasty", [False, True])
def test_of_what_is_sent_together_nothing_stays_where_one_part_is_refused(database: Database, is_hasty: bool) -> None:
    if is_hasty:
        database.close()  # what is open stays as it was
        database.be_hasty(1)
    insert_n, same = statements_of(database)
    with pytest.raises(IntegrityError), database.write() as connection, database.together(connection) as batch:
        insert_n.send_many(batch, [{"n": 1}])
        insert_n.send_many(batch, [{"n": 2}, {"n": 1}])
        same.send_many(batch, [{"which": 1}])
    assert numbers(database) == []
    add(database, 1)
    assert numbers(database) == [1]


def test_what_is_sent_with_the_commit_is_committed_or_undone_with_the_rest(database: Database) -> None:
    insert_n, _ = statements_of(database)
    with database.write() as connection:
        insert_n.run_many(connection, [{"n": 1}])
        database.with_commit(lambda batch: insert_n.send_many(batch, [{"n": 2}]))
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 1
    assert numbers(database) == [1, 2]

    with pytest.raises(IntegrityError), database.write() as connection:
        insert_n.run_many(connection, [{"n": 3}])
        database.with_commit(lambda batch: insert_n.send_many(batch, [{"n": 1}]))
    with database.transaction() as connection, suppress(RuntimeError), database.transaction():
        database.with_commit(lambda batch: insert_n.send_many(batch, [{"n": 4}]))
        raise RuntimeError
    assert numbers(database) == [1, 2]


def test_what_is_sent_together_goes_on_after_a_savepoint_was_rolled_back(database: Database) -> None:
    database.close()
    database.be_hasty(1)
    insert_n, same = statements_of(database)
    for number in (1, 2, 3):
        with database.write() as connection:
            with pytest.raises(IntegrityError), database.transaction():
                insert_n.run_many(connection, [{"n": 10 * number}])
                insert_n.run_many(connection, [{"n": 10 * number}])
            with database.together(connection) as batch:
                added = insert_n.send_many(batch, [{"n": number}])
                kept = same.send_many(batch, [{"which": number}])
            assert (added.rowcount, kept.rowcount) == (1, 1)
    assert numbers(database) == [1, 2, 3]
