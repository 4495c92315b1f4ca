"""What is copied, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy import select

from core import clock
from core.exceptions import DatabaseBusy, DatabaseError
from core.orm import Database
from core.orm.counter import COUNTERS
from core.orm.database_copy import LeftBehind
from core.orm.database_copy.left_behind import left_behind
from core.orm.migration_table import MIGRATIONS
from core.orm.schema_state import STATE_TABLE, read_state_group, write_state
from tests.databases import KINDS, MARIADB, POSTGRESQL, SQLITE
from tests.integration.database_copy.conftest import SQLITE_FIRST, Copying, Place, article

SERVERS = (POSTGRESQL, MARIADB)


def state(place: Place) -> dict[str, str]:
    with place.database.read() as connection:
        return read_state_group(connection, "")


@pytest.mark.parametrize("target", KINDS)
def test_counters_migrations_and_what_the_database_remembers_come_along(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    run = {"module": "Shop", "run_at": clock.now()}
    copying.source.insert_into(COUNTERS, [{"name": "article.number", "value": 2**40}])
    copying.source.insert_into(MIGRATIONS, [{**run, "version": "1.2.0"}, {**run, "version": "1.10.0"}])
    with copying.source.database.write() as connection:
        write_state(connection, {"module:Shop": "1.2.0", "schema.behind": "article.name"})

    assert copying.copy().is_whole

    for table in (COUNTERS, MIGRATIONS):
        assert copying.target.rows_of(table) == copying.source.rows_of(table)
    remembered = state(copying.target)
    assert remembered["module:Shop"] == "1.2.0"
    assert "schema.behind" not in remembered  # the target was made as the metadata have it


def test_the_target_is_ready_for_use(copying: Copying) -> None:
    copying.start(SQLITE, POSTGRESQL)

    copying.copy()

    with copying.target.database.read() as connection:
        assert copying.target.schema.is_current(connection)


@pytest.mark.parametrize("source", SQLITE_FIRST)
def test_the_source_stays_as_it_was(copying: Copying, source: str) -> None:
    copying.start(source, SQLITE)
    copying.source.insert(article(1), article(2))
    before = copying.source.rows(), state(copying.source)

    copying.copy()

    assert (copying.source.rows(), state(copying.source)) == before


@pytest.mark.parametrize("source", KINDS)
def test_nobody_writes_to_the_source_meanwhile(copying: Copying, source: str) -> None:
    copying.start(source, SQLITE)
    copying.source.insert(article(1))
    other = Database(copying.source.url, lock_timeout_seconds=0.2)

    with copying.copier().source_held(), pytest.raises(DatabaseBusy), other.write() as connection:
        connection.exec_driver_sql("UPDATE article SET count = 1")

    with other.write() as connection:
        connection.exec_driver_sql("UPDATE article SET count = 2")
    assert copying.source.rows("count") == [(2,)]
    other.close()


@pytest.mark.parametrize("source", KINDS)
def test_who_is_writing_already_is_not_cut_off(copying: Copying, source: str) -> None:
    copying.start(source, SQLITE)
    copying.source.insert(article(1))
    other = Database(copying.source.url)

    with other.write() as connection:
        connection.exec_driver_sql("UPDATE article SET count = 1")
        with pytest.raises(DatabaseBusy), copying.copier().source_held():
            pytest.fail("the source was held, though somebody was writing")

    assert copying.copy().is_whole
    assert copying.target.rows("count") == [(1,)]
    other.close()


@pytest.mark.parametrize("target", SQLITE_FIRST)
def test_a_target_with_rows_is_refused(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    copying.target.make_tables()
    copying.target.insert(article(7))

    with pytest.raises(DatabaseError, match="is in use: its table article has rows"):
        copying.copy()

    assert copying.target.rows("id") == [("000007",)]


@pytest.mark.parametrize("target", SQLITE_FIRST)
def test_a_target_with_empty_tables_will_do(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    copying.target.make_tables()
    copying.source.insert(article(1))

    assert copying.copy().is_whole


def test_a_whole_copy_is_compared_again(copying: Copying) -> None:
    copying.start()
    copying.source.insert(article(1))
    copying.copy()

    assert copying.copy().is_whole


def test_nothing_is_added_to_what_was_whole_and_is_in_use_since(copying: Copying) -> None:
    copying.start()
    copying.source.insert(article(1), article(2))
    copying.copy()
    copying.target.execute("DELETE FROM article WHERE id = '000001'")

    report = copying.copy()

    assert not report.is_whole
    assert copying.target.rows("id") == [("000002",)]


def test_a_whole_copy_of_another_database_is_in_use(copying: Copying) -> None:
    copying.start()
    copying.source.insert(article(1))
    copying.copy()
    copying.source = copying.open(SQLITE, "another")
    copying.source.make_tables()

    with pytest.raises(DatabaseError, match="is in use: its table article has rows"):
        copying.copy()


def test_a_database_that_was_emptied_takes_the_copy_again(copying: Copying) -> None:
    copying.start()
    copying.source.insert(article(1))
    copying.copy()
    copying.target.execute("DELETE FROM article")

    assert copying.copy().is_whole
    assert copying.target.rows("id") == [("000001",)]


def test_a_database_that_was_emptied_takes_another_copy(copying: Copying) -> None:
    copying.start()
    copying.source.insert(article(1))
    copying.copy()
    copying.target.execute("DELETE FROM article")
    copying.source = copying.open(SQLITE, "another")
    copying.source.make_tables()
    copying.source.insert(article(2))

    assert copying.copy().is_whole
    assert copying.target.rows("id") == [("000002",)]


@pytest.mark.parametrize("kind", SQLITE_FIRST)
def test_a_database_is_not_copied_into_itself(copying: Copying, kind: str) -> None:
    copying.start(kind, kind)
    copying.target = copying.source

    with pytest.raises(DatabaseError, match="is the very database"):
        copying.copy()


def test_a_database_is_known_by_another_address_too(copying: Copying) -> None:
    copying.start()
    link = copying.root / "link"
    link.symlink_to(copying.root / "source")
    copying.target.url = f"sqlite:///{link}/atro.sqlite"

    with pytest.raises(DatabaseError, match="is the very database"):
        copying.copy()


def test_what_the_target_changes_by_itself_is_found(copying: Copying) -> None:
    copying.start(SQLITE, SQLITE)
    copying.source.insert(article(1), article(2), article(3))
    copying.target.make_tables()
    copying.target.execute(
        "CREATE TRIGGER change AFTER INSERT ON article WHEN NEW.id = '000001' BEGIN "
        "UPDATE article SET count = 9 WHERE id = '000001'; END",
        "CREATE TRIGGER lose AFTER INSERT ON article WHEN NEW.id = '000002' BEGIN "
        "DELETE FROM article WHERE id = '000002'; END",
        "CREATE TRIGGER add_one AFTER INSERT ON article WHEN NEW.id = '000003' BEGIN "
        "INSERT INTO article (id, active, deleted) VALUES ('000000', 0, 0); END",
    )

    report = copying.copy()

    found = next(result for result in report.results if result.table == "article")
    assert (found.source_rows, found.target_rows) == (3, 3)
    assert (found.missing, found.different, found.extra) == (1, 1, 1)
    assert not report.is_whole


@pytest.mark.parametrize("source", SQLITE_FIRST)
def test_what_nothing_stands_for_is_told(copying: Copying, source: str) -> None:
    copying.start(source, SQLITE)
    copying.source.insert(article(1), article(2))
    copying.source.execute(
        "ALTER TABLE article ADD COLUMN old_price INTEGER",
        "ALTER TABLE article ADD COLUMN never_filled INTEGER",
        "UPDATE article SET old_price = 5 WHERE id = '000001'",
        "CREATE TABLE forgotten (id INTEGER)",
        "CREATE TABLE empty_one (id INTEGER)",
        "INSERT INTO forgotten VALUES (1), (2), (3)",
    )

    assert copying.copier().left_behind() == [LeftBehind("article", "old_price", 1), LeftBehind("forgotten", None, 3)]
    assert copying.copy().is_whole


def test_tables_that_the_user_may_not_read_are_somebody_elses(copying: Copying) -> None:
    copying.start(POSTGRESQL, SQLITE)
    with reader_of(copying) as role:
        copying.source.execute("CREATE TABLE theirs (id INTEGER)", "INSERT INTO theirs VALUES (1)")
        with copying.source.database.write() as connection:
            connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
            found = list(left_behind(connection, copying.source.schema.tables(), [STATE_TABLE]))

    assert found == []


@contextmanager
def reader_of(copying: Copying) -> Iterator[str]:
    """A user of PostgreSQL who may read the tables that are there, and none that come later."""
    role = f"reader_{token_hex(6)}"
    copying.source.execute(f"CREATE ROLE {role}", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    try:
        yield role
    finally:
        copying.source.execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_the_listener_is_told_of_every_table_twice(copying: Copying) -> None:
    copying.start()
    copying.source.insert(*(article(number) for number in range(120)))
    told: list[tuple[Any, ...]] = []

    copying.copy(lambda *step: told.append(step))

    of_articles = [(doing, done, total) for doing, table, done, total in told if table == "article"]
    assert of_articles[0] == ("Copying", 0, 120)
    assert ("Copying", 120, 120) in of_articles
    assert of_articles[-1] == ("Comparing", 120, 120)


def test_long_rows_come_a_few_at_a_time(copying: Copying) -> None:
    copying.start()
    long = "x" * 1_000_000
    copying.source.insert(*(article(number, text=long) for number in range(60)))
    steps: list[int] = []

    def listener(doing: str, table: str, done: int, total: int) -> None:
        if (doing, table) == ("Copying", "article"):
            steps.append(done)

    assert copying.copy(listener).is_whole
    assert steps == [0, 50, 58, 60]


@pytest.mark.parametrize("target", SERVERS)
def test_nothing_of_another_program_is_touched(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    copying.target.execute("CREATE TABLE of_another (id INTEGER)", "INSERT INTO of_another VALUES (1)")
    copying.source.insert(article(1))

    assert copying.copy().is_whole
    with copying.target.database.read() as connection:
        assert connection.exec_driver_sql("SELECT id FROM of_another").fetchall() == [(1,)]


def test_an_address_that_leads_nowhere_is_a_sentence(copying: Copying) -> None:
    copying.start()
    copying.target.url = "postgresql+psycopg://somebody:geheim@127.0.0.1:1/atro"

    with pytest.raises(DatabaseError, match="are host and port in the address given right") as caught:
        copying.copy()

    assert "geheim" not in str(caught.value)


def test_the_rows_of_a_copy_can_be_copied_back(copying: Copying) -> None:
    copying.start(SQLITE, MARIADB)
    copying.source.insert(article(1, name="there"))
    copying.copy()
    copying.source, copying.target = copying.target, copying.open(SQLITE, "back")

    assert copying.copy().is_whole
    table = copying.target.articles
    with copying.target.database.read() as connection:
        assert connection.execute(select(table.c.name)).scalar_one() == "there"
