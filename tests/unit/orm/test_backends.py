"""What a driver's error means, and what is done with an address; no server is asked."""

from __future__ import annotations

from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from core.exceptions import ConfigurationError, DatabaseBusy
from core.orm.backend import Refusal
from core.orm.backends import make_backend, mariadb, postgresql, sqlite
from core.orm.backends.server import Server, Trouble


def backend(address: str) -> Server:
    made = make_backend(address, synchronous="FULL", lock_timeout_seconds=60)
    assert isinstance(made, Server)
    return made


POSTGRESQL = backend("postgresql://me:hush@db/atro")
MARIADB = backend("mariadb://me:hush@db/atro")


def of_postgresql(state: str) -> DBAPIError:
    return OperationalError("SELECT 1", None, psycopg.errors.lookup(state)("its words"))


def of_mariadb(number: int) -> DBAPIError:
    return OperationalError("SELECT 1", None, pymysql.err.OperationalError(number, "its words"))


@pytest.mark.parametrize(
    ("state", "number", "trouble"),
    [
        ("57P03", 2003, Trouble.AWAY),
        ("57P01", 1927, Trouble.LOST),
        ("08006", 2013, Trouble.LOST),
        ("53300", 1040, Trouble.CROWDED),
        ("28P01", 1045, Trouble.PASSWORD),
        ("3D000", 1049, Trouble.MISSING),
        ("55P03", 1205, Trouble.BUSY),
        ("40P01", 1213, Trouble.DEADLOCK),
        ("40001", 1020, Trouble.DEADLOCK),
        ("53100", 1114, Trouble.FULL),
        ("25006", 1290, Trouble.READ_ONLY),
        ("42501", 1142, Trouble.RIGHTS),
        ("42P01", 1146, Trouble.OTHER),
    ],
)
def test_both_servers_mean_the_same(state: str, number: int, trouble: Trouble) -> None:
    assert POSTGRESQL.trouble(of_postgresql(state)) is trouble
    assert MARIADB.trouble(of_mariadb(number)) is trouble


@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_sentence_has_the_servers_words_and_an_end(trouble: Trouble) -> None:
    assert "{text}" in trouble.value
    assert trouble.value.endswith((".", "?"))


def test_a_sentence_names_the_database_and_no_password() -> None:
    told = str(MARIADB.refusal(of_mariadb(1040)))

    assert told.startswith("The database 'atro' on MariaDB at db:3306 has no connection left: its words. ")
    assert "hush" not in told


def test_a_socket_is_named_whatever_host_stands_beside_it() -> None:
    made = backend("mariadb://me:hush@localhost/atro?unix_socket=/run/mysqld/mysqld.sock")

    assert made.place == "'atro' on MariaDB at /run/mysqld/mysqld.sock"


@pytest.mark.parametrize("password", ["hu@sh", "h@u/sh"])
def test_parts_of_a_password_are_not_taken_for_a_host(password: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        backend(f"postgresql://me:{password}@db/atro")

    assert "h@u" not in str(caught.value)
    assert "sh" not in str(caught.value)


def test_an_option_that_the_driver_of_mariadb_does_not_know_is_named() -> None:
    made = backend("mariadb://me:hush@db/atro?ssl_cas=/etc/ca.pem")

    with pytest.raises(ConfigurationError, match="it knows no option 'ssl_cas'"):
        made.make_engine().connect()


def test_only_locks_are_busy() -> None:
    assert isinstance(POSTGRESQL.refusal(of_postgresql("55P03")), DatabaseBusy)
    assert isinstance(MARIADB.refusal(of_mariadb(1213)), DatabaseBusy)
    assert not isinstance(POSTGRESQL.refusal(of_postgresql("53100")), DatabaseBusy)


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ('FATAL:  password authentication failed for user "me"', Trouble.PASSWORD),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "me"', Trouble.PASSWORD),
        ('FATAL:  role "me" does not exist', Trouble.PASSWORD),
        ('FATAL:  database "atro" does not exist', Trouble.MISSING),
        ("FATAL:  sorry, too many clients already", Trouble.CROWDED),
        ("FATAL:  remaining connection slots are reserved for superusers", Trouble.CROWDED),
        ("failed to resolve host 'db': [Errno -3] Temporary failure in name resolution", Trouble.AWAY),
        ("FATAL:  worte, die niemand kennt", Trouble.OTHER),
    ],
)
def test_a_refused_connection_is_known_by_its_words(words: str, trouble: Trouble) -> None:
    assert POSTGRESQL.trouble(OperationalError(None, None, psycopg.OperationalError(words))) is trouble


@pytest.mark.parametrize(
    ("read", "error", "refusal"),
    [
        (
            sqlite.refused_constraint,
            ValueError("UNIQUE constraint failed: rate.currency, rate.date"),
            Refusal("UNIQUE", ("currency", "date")),
        ),
        (
            sqlite.refused_constraint,
            ValueError("UNIQUE constraint failed: index 'IDX_X'"),
            Refusal("UNIQUE", (), "IDX_X"),
        ),
        (
            sqlite.refused_constraint,
            ValueError("NOT NULL constraint failed: rate.date"),
            Refusal("NOT NULL", ("date",)),
        ),
        (
            mariadb.refused_constraint,
            pymysql.err.IntegrityError(1062, "Duplicate entry 'a-0' for key 'IDX_X'"),
            Refusal("UNIQUE", (), "IDX_X"),
        ),
        (
            mariadb.refused_constraint,
            pymysql.err.IntegrityError(1062, "Duplicate entry 'for key ''b''' for key 'PRIMARY'"),
            Refusal("UNIQUE", (), "PRIMARY"),
        ),
        (
            mariadb.refused_constraint,
            pymysql.err.IntegrityError(1048, "Column 'name' cannot be null"),
            Refusal("NOT NULL", ("name",)),
        ),
        (mariadb.refused_constraint, pymysql.err.OperationalError(1205, "Lock wait timeout exceeded"), None),
        (postgresql.refused_constraint, ValueError("anything"), None),
    ],
)
def test_which_constraint_refused_is_read_from_the_error(read: Any, error: Exception, refusal: Refusal | None) -> None:
    assert read(error) == refusal
