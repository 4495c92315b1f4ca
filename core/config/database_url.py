"""The database's address, from `database.url` or from AtroCore's separate settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.exceptions import did_you_mean

SQLITE = "sqlite"
POSTGRESQL = "postgresql+psycopg"
MARIADB = "mariadb+pymysql"

#: AtroCore's `database.driver`, and plain names of the same, to what SQLAlchemy calls them.
DRIVERS = {
    "pdo_mysql": MARIADB,
    "mysql": MARIADB,
    "mariadb": MARIADB,
    "pdo_pgsql": POSTGRESQL,
    "pgsql": POSTGRESQL,
    "postgresql": POSTGRESQL,
    "pdo_sqlite": SQLITE,
    "sqlite": SQLITE,
}
#: How `database.url` may begin.
SCHEMES = {
    "sqlite": SQLITE,
    "postgresql": POSTGRESQL,
    "postgresql+psycopg": POSTGRESQL,
    "mariadb": MARIADB,
    "mariadb+pymysql": MARIADB,
    "mysql": MARIADB,
    "mysql+pymysql": MARIADB,
}
#: AtroCore writes `utf8mb4` or `utf8`; every database of ours stores all of Unicode.
CHARSETS = ("utf8mb4", "utf8", "utf-8")
DEFAULT_FILE = "data/atro.sqlite"
SQLITE_FILE = "sqlite:///"
_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*(?=@)|([?&](?:password|passwd|sslpassword)=)[^&]*")
EXAMPLES = "such as sqlite:///data/atro.sqlite or postgresql://user:password@localhost/atro"


def dialect_of(address: str) -> str:
    """What SQLAlchemy calls the kind of database at an address: sqlite, postgresql or mariadb."""
    return re.split("[+:]", address, maxsplit=1)[0]


def database_url(database: Mapping[str, Any], root: Path) -> str:
    """The address as SQLAlchemy reads it; a relative SQLite file lies below the root.

    Settings that `complaints` finds fault with lead to the embedded file, or to an address that nothing answers.
    """
    url = database.get("url")
    if isinstance(url, str) and url:
        return from_root(with_driver(url), root)
    driver = DRIVERS.get(str(database.get("driver")), SQLITE)
    name = str(database.get("dbname") or "")
    if driver == SQLITE:
        return from_root(SQLITE_FILE + (name or DEFAULT_FILE), root)
    return f"{driver}://{who(database)}{where(database)}/{quote(name, safe='')}"


def without_password(url: str) -> str:
    """An address as it may be shown, with `***` for the password."""
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}***", url)


def with_driver(url: str) -> str:
    """An address that names the driver which this version uses."""
    scheme, mark, rest = url.partition("://")
    return SCHEMES.get(scheme, scheme) + mark + rest


def from_root(url: str, root: Path) -> str:
    """An address of a SQLite file with its whole path."""
    path = url.removeprefix(SQLITE_FILE)
    return url if path == url or path.startswith((":", "file:")) else f"{SQLITE_FILE}{root / path}"


def who(database: Mapping[str, Any]) -> str:
    user, password = database.get("user"), database.get("password")
    if not user:
        return ""
    return quote(str(user), safe="") + (f":{quote(str(password), safe='')}" if password else "") + "@"


def where(database: Mapping[str, Any]) -> str:
    host, port = str(database.get("host") or "localhost"), database.get("port")
    return (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")


def complaints(database: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings of the database's address; no password is shown."""
    url, driver = database.get("url"), database.get("driver")
    if url:
        return _complaints_of_url(url)
    if driver is None:
        lost = [key for key in ("host", "dbname", "user") if database.get(key)]
        return [f"database.{key} is given without database.driver; the embedded database is used." for key in lost[:1]]
    if driver not in DRIVERS:
        return [f"database.driver is {driver!r}, which is not known.{did_you_mean(str(driver), DRIVERS)}"]
    if DRIVERS[driver] == SQLITE:
        return []
    missing = [] if database.get("dbname") else ["database.dbname is missing: the name of the database on the server."]
    return [*missing, *_complaints_of_charset(database.get("charset"))]


def _complaints_of_charset(charset: Any) -> list[str]:
    if charset is None or str(charset).lower() in CHARSETS:
        return []
    return [f"database.charset is {charset!r}; texts are always stored as Unicode (utf8mb4). Leave it out."]


def _complaints_of_url(url: Any) -> list[str]:
    scheme, mark, place = url.partition("://") if isinstance(url, str) else ("", "", "")
    if not mark:
        return [f"database.url is not an address {EXAMPLES}."]
    if scheme not in SCHEMES:
        return [f"database.url begins with {scheme}://, which is not known.{did_you_mean(scheme, SCHEMES)}"]
    if scheme == SQLITE:
        is_file = place.removeprefix("/") not in ("", ":memory:")
        return [] if is_file else ["database.url names no file; write sqlite:////path/to/file.sqlite."]
    host, _, name = place.partition("?")[0].partition("/")
    if host.count("@") > 1 or "@" in name:
        return ["database.url has an @ or a / in its password: write them as %40 and %2F."]
    return [] if name else ["database.url names no database after the host: postgresql://user:password@host/database."]
