"""One file for each kind of database. What they do alike is `Database`'s; no driver is imported before it is needed."""

from __future__ import annotations

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.exceptions import ConfigurationError
from core.orm.backend import Backend
from core.orm.backends.mariadb import MariaDB
from core.orm.backends.postgresql import PostgreSQL
from core.orm.backends.sqlite import SQLite

__all__ = ["make_backend"]

_SECRET = re.compile(r"://.*@")


def make_backend(address: str, *, synchronous: str, lock_timeout_seconds: float) -> Backend:
    """The backend for a database address; raises ConfigurationError for an address that is none."""
    url = _url(address)
    kind = url.get_backend_name()
    if kind == "sqlite":
        return SQLite(url, lock_timeout_seconds, synchronous)
    if kind == "postgresql":
        return PostgreSQL(url.set(drivername="postgresql+psycopg"), lock_timeout_seconds)
    if kind in ("mysql", "mariadb"):
        return MariaDB(url.set(drivername="mariadb+pymysql"), lock_timeout_seconds)
    raise ConfigurationError(
        f"database.url in data/config.py begins with {url.drivername}://. "
        "It has to be sqlite:///, postgresql:// or mariadb://."
    )


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        shown = _SECRET.sub("://***@", address)
        raise ConfigurationError(f"database.url in data/config.py is not a database address: {shown!r}") from error
    if "@" in (url.host or ""):
        raise ConfigurationError("database.url in data/config.py has an @ in its password: write it as %40.")
    if url.get_backend_name() != "sqlite" and "@" in (url.database or ""):  # what stands before it would be shown
        raise ConfigurationError(
            "database.url in data/config.py has an @ or a / in its password: write them as %40 and %2F."
        )
    return url
