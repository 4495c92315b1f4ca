"""What is wrong with a database's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from core.orm.database_settings import clock_of, judge_mariadb, judge_postgresql, weaknesses_of


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'file.sqlite'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_journal_that_is_not_wal_is_an_error(connection: Connection) -> None:
    (found,) = weaknesses_of(connection, 6)

    assert (found.is_error, "journal mode is delete, not wal" in found.text) == (True, True)


def test_no_synchronous_writing_is_an_error(connection: Connection) -> None:
    connection.execute(text("PRAGMA journal_mode=WAL"))
    assert weaknesses_of(connection, 6) == []
    connection.rollback()
    connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")

    (found,) = weaknesses_of(connection, 6)

    assert (found.is_error, "a power failure may destroy" in found.text) == (True, True)


def test_a_file_has_no_clock_of_its_own(connection: Connection) -> None:
    assert clock_of(connection) is None


@pytest.mark.parametrize(
    ("settings", "text", "is_error"),
    [
        ({"fsync": "off"}, "fsync is off", True),
        ({"full_page_writes": "off"}, "full_page_writes is off", True),
        ({"synchronous_commit": "off"}, "synchronous_commit is off", False),
        ({"in_hot_standby": "on"}, "nothing can be written", True),
        ({"default_transaction_read_only": "on"}, "nothing can be written", True),
        ({"max_connections": "15"}, "max_connections is 15: 6 workers", False),
    ],
)
def test_settings_of_a_postgresql_that_cost_jobs(settings: dict[str, str], text: str, is_error: bool) -> None:
    (found,) = judge_postgresql(settings, 6)

    assert (text in found.text, found.is_error) == (True, is_error)


@pytest.mark.parametrize(
    ("settings", "text", "is_error"),
    [
        ({"innodb_flush_log_at_trx_commit": "2"}, "innodb_flush_log_at_trx_commit is 2", False),
        ({"max_allowed_packet": "1048576"}, "max_allowed_packet is 1024 KiB", False),
        ({"tx_isolation": "REPEATABLE-READ"}, "not READ-COMMITTED", True),
        ({"log_bin": "ON", "binlog_format": "STATEMENT"}, "binlog_format is STATEMENT", True),
        ({"max_connections": "15"}, "max_connections is 15: 6 workers", False),
    ],
)
def test_settings_of_a_mariadb_that_cost_jobs(settings: dict[str, str], text: str, is_error: bool) -> None:
    (found,) = judge_mariadb(settings, 6)

    assert (text in found.text, found.is_error) == (True, is_error)


def test_servers_as_they_are_installed_are_well() -> None:
    postgresql = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "max_connections": "100"}
    mariadb = {"innodb_flush_log_at_trx_commit": "1", "tx_isolation": "READ-COMMITTED", "max_connections": "151"}

    assert list(judge_postgresql({**postgresql, "in_hot_standby": "off"}, 50)) == []
    assert list(judge_mariadb({**mariadb, "log_bin": "OFF", "binlog_format": "STATEMENT"}, 50)) == []
