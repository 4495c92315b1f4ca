"""What is the same on all three databases: reads, transactions, and what the database refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from core.exceptions import DatabaseError
from core.orm import Database


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


def insert(database: Database, number: int) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO t VALUES ({number})")


def test_what_is_written_in_a_transaction_is_seen_by_others_after_the_commit_only(database: Database) -> None:
    with database.transaction():
        insert(database, 1)
        assert numbers(database) == []
    assert numbers(database) == [1]


def test_an_exception_rolls_everything_back(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction():
        insert(database, 1)
        raise RuntimeError
    assert numbers(database) == []
    insert(database, 2)
    assert numbers(database) == [2]


def test_a_nested_transaction_rolls_back_alone(database: Database) -> None:
    with database.transaction():
        insert(database, 1)
        with pytest.raises(IntegrityError), database.transaction():
            insert(database, 1)
        insert(database, 3)
    assert numbers(database) == [1, 3]


def test_a_reader_sees_what_others_commit_meanwhile(database: Database, database_url: str) -> None:
    other = Database(database_url)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
        insert(other, 1)
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 1
    other.close()


def test_what_the_database_refuses_is_one_sentence_that_names_it(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"The database .* refused: .*nowhere"), database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert numbers(database) == []
