"""What is wrong with a database's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from core.orm.database_settings import clock_of, weaknesses_of


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'file.sqlite'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_journal_that_is_not_wal_is_an_error(connection: Connection) -> None:
    (found,) = weaknesses_of(connection, 6)

    assert (found.is_error, "journal mode is delete, not wal" in found.text) == (True, True)


def test_no_synchronous_writing_is_a_warning(connection: Connection) -> None:
    connection.execute(text("PRAGMA journal_mode=WAL"))
    assert weaknesses_of(connection, 6) == []
    connection.rollback()
    connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")

    (found,) = weaknesses_of(connection, 6)

    assert (found.is_error, "a power failure may destroy" in found.text) == (False, True)


def test_a_file_has_no_clock_of_its_own(connection: Connection) -> None:
    assert clock_of(connection) is None
