"""The database's address, from `database.url` or from AtroCore's separate settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.exceptions import did_you_mean

#: AtroCore's `database.driver`, and plain names of the same, to what SQLAlchemy calls them.
DRIVERS = {
    "pdo_mysql": "mysql+pymysql",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "pdo_pgsql": "postgresql+psycopg",
    "pgsql": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "pdo_sqlite": "sqlite",
    "sqlite": "sqlite",
}
DEFAULT_FILE = "data/atro.sqlite"
SQLITE = "sqlite:///"
SQLITE_ONLY = "this version runs on a SQLite file: sqlite:////path/to/file.sqlite"


def database_url(database: Mapping[str, Any], root: Path) -> str:
    """The address as SQLAlchemy reads it; a relative SQLite file lies below the root.

    Settings that `complaints` finds fault with lead to the embedded file, or to an address that nothing answers.
    """
    url = database.get("url")
    if isinstance(url, str) and url:
        return from_root(url, root)
    driver = DRIVERS.get(str(database.get("driver")), "sqlite")
    name = str(database.get("dbname") or "")
    if driver == "sqlite":
        return from_root(SQLITE + (name or DEFAULT_FILE), root)
    return f"{driver}://{who(database)}{where(database)}/{quote(name, safe='')}"


def from_root(url: str, root: Path) -> str:
    """An address of a SQLite file with its whole path."""
    path = url.removeprefix(SQLITE)
    return url if path == url or path.startswith((":", "file:")) else f"{SQLITE}{root / path}"


def who(database: Mapping[str, Any]) -> str:
    user, password = database.get("user"), database.get("password")
    if not user:
        return ""
    return quote(str(user), safe="") + (f":{quote(str(password), safe='')}" if password else "") + "@"


def where(database: Mapping[str, Any]) -> str:
    host, port = str(database.get("host") or "localhost"), database.get("port")
    return (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")


def complaints(database: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings of the database's address."""
    url, driver = database.get("url"), database.get("driver")
    if url:
        return _complaints_of_url(url)
    if driver is None:
        lost = [key for key in ("host", "dbname", "user") if database.get(key)]
        return [f"database.{key} is given without database.driver; the embedded database is used." for key in lost[:1]]
    if driver not in DRIVERS:
        return [f"database.driver is {driver!r}, which is not known.{did_you_mean(str(driver), DRIVERS)}"]
    return [] if DRIVERS[driver] == "sqlite" else [f"database.driver is {driver!r}; {SQLITE_ONLY}"]


def _complaints_of_url(url: Any) -> list[str]:
    scheme, mark, place = url.partition("://") if isinstance(url, str) else ("", "", "")
    if not mark:
        return ["database.url is not an address such as sqlite:///data/atro.sqlite."]
    if scheme.partition("+")[0] != "sqlite":
        return [f"database.url begins with {scheme}://; {SQLITE_ONLY}"]
    if place.removeprefix("/") in ("", ":memory:"):
        return [f"database.url names no file; {SQLITE_ONLY}"]
    return []
