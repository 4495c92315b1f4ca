"""Going on with a copy that was interrupted, and what was changed meanwhile."""

from __future__ import annotations

from contextlib import closing

import pytest

from core.exceptions import DatabaseError
from core.orm import Database
from tests.databases import KINDS, POSTGRESQL, SQLITE
from tests.integration.database_copy.conftest import Copying, Place, article


class Interrupted(Exception):
    """Somebody pulled the plug."""


def interrupt(copying: Copying, at: int = 0) -> None:
    """Copy, and stop after so many rows of Article."""

    def listener(doing: str, table: str, done: int, total: int) -> None:
        if table == "article" and done >= at:
            raise Interrupted

    with pytest.raises(Interrupted):
        copying.copy(listener)


@pytest.mark.parametrize("target", KINDS)
def test_an_interrupted_copy_goes_on(copying: Copying, target: str) -> None:
    copying.start(SQLITE, target)
    copying.source.insert(*(article(number, name=f"Number {number}") for number in range(2500)))
    interrupt(copying, at=300)
    assert 300 <= len(copying.target.rows("id")) < 2500

    report = copying.copy()

    assert report.is_whole
    assert copying.target.rows() == copying.source.rows()


@pytest.mark.parametrize("lost", ["target", "source"])
def test_a_server_that_drops_its_connections_loses_no_row(copying: Copying, lost: str) -> None:
    copying.start(POSTGRESQL, POSTGRESQL)
    copying.source.insert(*(article(number) for number in range(1000)))
    place: Place = getattr(copying, lost)

    def listener(doing: str, table: str, done: int, total: int) -> None:
        if (doing, table) == ("Copying", "article") and 300 <= done < 1000:
            drop_connections(place)

    if lost == "target":
        assert copying.copy(listener).is_whole
    else:  # with its connection the source was given free: it may have changed
        with pytest.raises(DatabaseError, match="was lost"):
            copying.copy(listener)
        assert copying.copy().is_whole
    assert copying.target.rows() == copying.source.rows()


def drop_connections(place: Place) -> None:
    with closing(Database(place.url)) as other, other.read() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE article SET count = 5 WHERE id = '000001'", "is otherwise than"),
        ("DELETE FROM article WHERE id = '000001'", "is not"),
        ("DELETE FROM article WHERE id >= '000040'", "is not"),
        ("UPDATE article SET count = 'x' WHERE id = '000001'", "is not"),
    ],
)
def test_a_source_that_was_changed_meanwhile_is_not_mixed_with_the_copy(
    copying: Copying, change: str, what: str
) -> None:
    copying.start()
    copying.source.insert(*(article(number) for number in range(100)))
    interrupt(copying, at=50)
    copying.source.execute(change)
    before = copying.target.rows()

    with pytest.raises(DatabaseError, match=f"in the table article, which {what} in the source"):
        copying.copy()

    assert copying.target.rows() == before


def test_what_was_mended_is_added_by_the_next_run(copying: Copying) -> None:
    copying.start(SQLITE, POSTGRESQL)
    copying.source.insert(article(1), article(2), article(3))
    copying.source.execute("UPDATE article SET count = 'many' WHERE id = '000002'")
    assert not copying.copy().is_whole

    copying.source.execute("UPDATE article SET count = 7 WHERE id = '000002'")

    assert copying.copy().is_whole
    assert copying.target.rows("count") == [(None,), (7,), (None,)]


def test_the_part_of_another_copy_is_refused(copying: Copying) -> None:
    copying.start()
    copying.source.insert(*(article(number) for number in range(60)))
    interrupt(copying, at=50)
    copying.source = copying.open(SQLITE, "another")
    copying.source.make_tables()

    with pytest.raises(DatabaseError, match="part of a copy of another database"):
        copying.copy()
