"""The database's address out of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.config.config import Config
from core.config.database_url import complaints, database_url, without_password

ROOT = Path("/srv/atro")


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "sqlite:////srv/atro/data/atro.sqlite"),
        ({"url": "postgresql+psycopg://atro@localhost/atro"}, "postgresql+psycopg://atro@localhost/atro"),
        ({"url": "sqlite:///data/own.sqlite"}, "sqlite:////srv/atro/data/own.sqlite"),
        ({"url": "sqlite:////var/own.sqlite"}, "sqlite:////var/own.sqlite"),
        ({"url": "sqlite:///:memory:"}, "sqlite:///:memory:"),
        ({"url": "postgresql://atro@localhost/atro"}, "postgresql+psycopg://atro@localhost/atro"),
        ({"url": "mysql+pymysql://atro@localhost/atro"}, "mariadb+pymysql://atro@localhost/atro"),
        ({"url": "mariadb://atro@localhost/atro"}, "mariadb+pymysql://atro@localhost/atro"),
        ({"driver": "pdo_mysql", "dbname": "atro", "user": "me"}, "mariadb+pymysql://me@localhost/atro"),
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
        ({"driver": "pdo_pgsql"}, "database.dbname is missing"),
        ({"driver": "pdo_mysql", "dbname": "a", "charset": "latin1"}, "database.charset is 'latin1'; texts are always"),
        ({"url": "postgres://me:hush@db/a"}, "begins with postgres://, which is not known. Did you mean 'postgresql'?"),
        ({"url": "postgresql+asyncpg://me:hush@db/a"}, "begins with postgresql+asyncpg://, which is not known."),
        ({"url": "mariadb://me:hu@sh@db/a"}, "database.url has an @ or a / in its password"),
        ({"url": "mariadb://me:hush@db"}, "database.url names no database after the host"),
        ({"url": "sqlite:///:memory:"}, "database.url names no file"),
        ({"url": "sqlite:///"}, "database.url names no file"),
        ({"host": "db"}, "database.host is given without database.driver"),
    ],
)
def test_settings_that_make_no_address_are_complained_about(settings: dict[str, Any], complaint: str) -> None:
    (found,) = complaints(settings)

    assert complaint in found
    assert "hu" not in found


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"url": "sqlite:///data/own.sqlite"},
        {"url": "postgresql://me:hu%40sh@db:5433/a?sslmode=require"},
        {"url": "mariadb://me@localhost/a?unix_socket=/run/mysqld/mysqld.sock"},
        {"driver": "pdo_sqlite"},
        {"driver": "pdo_mysql", "dbname": "a", "charset": "utf8mb4"},
    ],
)
def test_an_address_that_leads_somewhere_is_no_complaint(settings: dict[str, Any]) -> None:
    assert complaints(settings) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hush@db:5433/a", "postgresql://me:***@db:5433/a"),
        ("postgresql://me:h:u%40sh@[::1]:5433/a?sslmode=require", "postgresql://me:***@[::1]:5433/a?sslmode=require"),
        (
            "postgresql:///a?host=/run&password=hush&sslmode=require",
            "postgresql:///a?host=/run&password=***&sslmode=require",
        ),
        ("postgresql://me@db:5433/a", "postgresql://me@db:5433/a"),
        ("mariadb://db:3306/a", "mariadb://db:3306/a"),
        ("sqlite:////data/a:b.sqlite", "sqlite:////data/a:b.sqlite"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_the_config_answers_with_the_address(tmp_path: Path) -> None:
    assert Config(tmp_path).database_url == f"sqlite:///{tmp_path}/data/atro.sqlite"
