"""The database's address out of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.config.config import Config
from core.config.database_url import complaints, database_url

ROOT = Path("/srv/atro")


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "sqlite:////srv/atro/data/atro.sqlite"),
        ({"url": "postgresql+psycopg://atro@localhost/atro"}, "postgresql+psycopg://atro@localhost/atro"),
        ({"url": "sqlite:///data/own.sqlite"}, "sqlite:////srv/atro/data/own.sqlite"),
        ({"url": "sqlite:////var/own.sqlite"}, "sqlite:////var/own.sqlite"),
        ({"url": "sqlite:///:memory:"}, "sqlite:///:memory:"),
        ({"driver": "pdo_mysql", "dbname": "atro", "user": "me"}, "mysql+pymysql://me@localhost/atro"),
        (
            {"driver": "pdo_pgsql", "host": "db", "port": 5433, "dbname": "a b", "user": "me", "password": "p@/:"},
            "postgresql+psycopg://me:p%40%2F%3A@db:5433/a%20b",
        ),
        ({"driver": "mariadb", "host": "::1", "dbname": "atro"}, "mariadb+pymysql://[::1]/atro"),
        ({"driver": "pdo_sqlite", "dbname": "data/x.sqlite"}, "sqlite:////srv/atro/data/x.sqlite"),
    ],
)
def test_settings_become_an_address(settings: dict[str, Any], url: str) -> None:
    assert database_url(settings, ROOT) == url


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"url": 5}, "database.url is not an address"),
        ({"url": "atro.sqlite"}, "database.url is not an address"),
        ({"driver": "pdo_pgsq"}, "Did you mean 'pdo_pgsql'?"),
        ({"driver": "pdo_pgsql", "dbname": "a"}, "database.driver is 'pdo_pgsql'; this version runs on a SQLite file"),
        ({"url": "mysql+pymysql://me:hush@db/a"}, "database.url begins with mysql+pymysql://; this version runs on a"),
        ({"url": "sqlite:///:memory:"}, "database.url names no file; this version runs on a SQLite file"),
        ({"url": "sqlite:///"}, "database.url names no file; this version runs on a SQLite file"),
        ({"host": "db"}, "database.host is given without database.driver"),
    ],
)
def test_settings_that_make_no_address_are_complained_about(settings: dict[str, Any], complaint: str) -> None:
    assert complaint in complaints(settings)[0]


@pytest.mark.parametrize("settings", [{}, {"url": "sqlite:///data/own.sqlite"}, {"driver": "pdo_sqlite"}])
def test_a_sqlite_file_is_no_complaint(settings: dict[str, Any]) -> None:
    assert complaints(settings) == []


def test_the_config_answers_with_the_address(tmp_path: Path) -> None:
    assert Config(tmp_path).database_url == f"sqlite:///{tmp_path}/data/atro.sqlite"
