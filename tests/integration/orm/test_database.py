"""Transactions, savepoints, and what follows a commit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.exceptions import ConfigurationError, DatabaseError
from core.orm import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    yield database
    database.close()


def numbers(database: Database) -> list[int]:
    with database.snapshot() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT n FROM t ORDER BY n")]


def insert(database: Database, number: int) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (number,))


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
        with pytest.raises(RuntimeError), database.transaction():
            insert(database, 2)
            raise RuntimeError
        insert(database, 3)
    assert numbers(database) == [1, 3]


def test_callbacks_run_after_the_outermost_commit_and_not_after_a_rollback(database: Database) -> None:
    told: list[str] = []
    with database.transaction():
        with pytest.raises(RuntimeError), database.transaction():
            database.after_commit(lambda: told.append("rolled back"))
            raise RuntimeError
        with database.transaction():
            database.after_commit(lambda: told.append("committed"))
        assert told == []
    assert told == ["committed"]


def test_without_a_transaction_a_callback_runs_at_once(database: Database) -> None:
    told: list[str] = []
    database.after_commit(lambda: told.append("now"))

    assert told == ["now"]


def test_a_transaction_that_was_left_open_can_be_ended(database: Database) -> None:
    left_open = database.write()
    left_open.__enter__()
    assert database.roll_back()
    assert not database.roll_back()

    with database.transaction():
        insert(database, 1)
        del left_open  # its end must not be the end of this one
        insert(database, 2)
    assert numbers(database) == [1, 2]


def test_a_forked_child_opens_connections_of_its_own(database: Database) -> None:
    insert(database, 1)

    pid = os.fork()
    if pid == 0:
        insert(database, 2)
        os._exit(0 if numbers(database) == [1, 2] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    insert(database, 3)
    assert numbers(database) == [1, 2, 3]


@pytest.mark.parametrize("url", ["nonsense", "postgresql://localhost/x", "sqlite://"])
def test_an_address_that_is_no_sqlite_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        Database(url)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").mkdir()

    with (
        pytest.raises(DatabaseError, match=r"x\.sqlite cannot be opened"),
        Database(f"sqlite:///{tmp_path}/x.sqlite").read(),
    ):
        pass
