"""Transactions, savepoints, and what follows a commit."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.exceptions import ConfigurationError, DatabaseBusy, DatabaseError, DatabaseUnavailable
from core.orm import Database
from core.orm.backends.sqlite import is_busy as was_busy
from core.orm.backends.sqlite import open_sqlite


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


def test_a_connection_that_cannot_write_is_replaced(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # as SQLite opens a file that may only be read

    with pytest.raises(DatabaseError, match="cannot be read and written"):
        insert(database, 1)
    insert(database, 2)

    assert numbers(database) == [2]


@pytest.fixture
def hasty(database: Database) -> Database:
    """One that keeps the connection by which it reads, and has it already."""
    database.be_hasty(1)
    assert numbers(database) == []
    return database


def test_a_kept_connection_sees_what_others_commit(hasty: Database, tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "x.sqlite") as other:
        other.execute("INSERT INTO t VALUES (1)")
        assert numbers(hasty) == [1]
        other.execute("INSERT INTO t VALUES (2)")
        assert numbers(hasty) == [1, 2]


def test_short_reads_take_no_connection_out_of_the_pool_again(hasty: Database) -> None:
    taken: list[object] = []
    event.listen(hasty.engine, "checkout", lambda *_: taken.append(1))

    assert [numbers(hasty) for _ in range(3)] == [[], [], []]

    assert taken == []


def test_a_read_within_a_read_sees_what_is_committed_then(hasty: Database) -> None:
    insert(hasty, 1)
    insert(hasty, 2)
    with hasty.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT n FROM t ORDER BY n")
        assert rows.fetchone() == (1,)
        insert(hasty, 3)
        assert numbers(hasty) == [1, 2, 3]
        assert [row[0] for row in rows] == [2]
    assert numbers(hasty) == [1, 2, 3]


def test_after_a_read_that_failed_another_connection_is_kept(hasty: Database) -> None:
    with pytest.raises(DatabaseError), hasty.snapshot() as connection:
        connection.exec_driver_sql("SELECT * FROM missing")

    insert(hasty, 1)
    assert numbers(hasty) == [1]


def test_a_kept_connection_leaves_a_file_that_was_replaced(hasty: Database, tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "backup.sqlite") as backup:
        backup.execute("CREATE TABLE t (n INTEGER)")
        backup.execute("INSERT INTO t VALUES (7)")
    for rest in ("-wal", "-shm"):
        (tmp_path / f"x.sqlite{rest}").unlink()
    (tmp_path / "backup.sqlite").replace(tmp_path / "x.sqlite")

    assert numbers(hasty) == [7]


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


@contextmanager
def locked_by_a_stranger(database: Database) -> Iterator[sqlite3.Connection]:
    """A transaction of somebody who takes no turns."""
    with open_sqlite(Path(database.place)) as stranger:
        stranger.execute("BEGIN EXCLUSIVE")
        yield stranger


def test_a_stranger_is_waited_for_as_long_as_the_lock_timeout_says(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.sqlite", lock_timeout_seconds=0.2)
    with database.write():
        pass

    with (
        locked_by_a_stranger(database),
        pytest.raises(DatabaseBusy, match=r"x\.sqlite stayed locked for too long"),
        database.write(),
    ):
        pass
    database.close()


def test_a_stranger_is_waited_for_beyond_one_wait_of_the_driver(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.close()
    monkeypatch.setattr("core.orm.backends.sqlite._BUSY_SECONDS", 0.01)
    waits = iter(range(3))

    with locked_by_a_stranger(database) as stranger:

        def is_busy(error: DBAPIError) -> bool:
            if next(waits) == 2:
                stranger.execute("ROLLBACK")
            return was_busy(error)

        monkeypatch.setattr("core.orm.backends.sqlite.is_busy", is_busy)
        insert(database, 1)

    assert numbers(database) == [1]


def test_what_the_database_refuses_is_one_sentence(database: Database) -> None:
    with (
        pytest.raises(DatabaseError, match=r"x\.sqlite refused: no such table: nowhere\.$"),
        database.write() as connection,
    ):
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(DatabaseError, match="no such table: nowhere"), database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_a_full_disk_is_named(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"The disk of the database .* is full"), database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql("INSERT INTO t VALUES (zeroblob(100000))")


def test_a_file_that_is_gone_is_said_and_not_made_anew(database: Database, tmp_path: Path) -> None:
    insert(database, 1)
    file = tmp_path / "x.sqlite"
    file.rename(tmp_path / "away")

    for use in (numbers, lambda gone: insert(gone, 2)):
        with pytest.raises(DatabaseUnavailable, match=r"x\.sqlite is gone\. Put it back"):
            use(database)
    database.close()
    with pytest.raises(DatabaseUnavailable, match="is gone"):
        numbers(database)
    (tmp_path / "away").rename(file)

    insert(database, 3)
    assert numbers(database) == [1, 3]


def test_a_file_that_is_put_in_the_place_of_another_one_is_opened(database: Database, tmp_path: Path) -> None:
    insert(database, 1)
    with open_sqlite(tmp_path / "backup") as backup:
        backup.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)")

    with database.transaction():
        (tmp_path / "backup").replace(tmp_path / "x.sqlite")
        insert(database, 2)  # the transaction ends where it began
    for rest in ("x.sqlite-wal", "x.sqlite-shm"):
        (tmp_path / rest).unlink(missing_ok=True)

    insert(database, 8)
    assert numbers(database) == [7, 8]


def test_a_constraint_is_left_to_who_knows_the_entity(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE u (n INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO u VALUES (1), (1)")


@pytest.mark.parametrize("url", ["nonsense", "oracle://localhost/x", "sqlite://", "postgresql://u:p@ss@localhost/x"])
def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        Database(url)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").mkdir()

    with (
        pytest.raises(DatabaseError, match=r"x\.sqlite cannot be opened"),
        Database(f"sqlite:///{tmp_path}/x.sqlite").read(),
    ):
        pass


def test_a_file_that_is_damaged_or_no_database_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"no database" * 500)

    with (
        pytest.raises(DatabaseError, match="It is damaged, or no database: stop the job manager, and put a backup"),
        Database(f"sqlite:///{tmp_path}/x.sqlite").read(),
    ):
        pass
