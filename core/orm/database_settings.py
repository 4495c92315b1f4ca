"""Settings of the database, and properties of tables, that cost jobs, or may: what `doctor` says of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from core.orm.column_types import to_moment
from core.sentence import Sentence, verbatim

# A worker has one connection or two, and the job manager, commands and people want some as well.
_SPARE_CONNECTIONS = 10
_LEAST_PACKET = 16 * 1024**2
_POSTGRES = (
    *("fsync", "full_page_writes", "synchronous_commit", "max_connections"),
    *("in_hot_standby", "default_transaction_read_only"),
)
_MARIADB = (
    *("innodb_flush_log_at_trx_commit", "max_allowed_packet", "tx_isolation", "transaction_isolation"),
    *("log_bin", "binlog_format", "max_connections"),
)


@dataclass(frozen=True, slots=True)
class Weakness:
    """A setting as it should not be, what that may cost, and how to change it."""

    text: Sentence
    remedy: Sentence
    is_error: bool = False


def weaknesses_of(connection: Connection, most_workers: int, tables: Collection[str] = ()) -> list[Weakness]:
    """What the settings in force for this connection, and the tables of these names, are wanting in."""
    judge = _JUDGES.get(connection.dialect.name)
    return [] if judge is None else list(judge(connection, most_workers, frozenset(tables)))


def clock_of(connection: Connection) -> datetime | None:
    """What time it is for the database; None where it has no clock of its own."""
    statement = _CLOCKS.get(connection.dialect.name)
    return None if statement is None else to_moment(connection.execute(text(statement)).scalar_one())


def _of_sqlite(connection: Connection, _most_workers: int, _tables: frozenset[str]) -> Iterator[Weakness]:
    journal, synchronous = (
        connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")
    )
    if journal != "wal":
        yield Weakness(
            Sentence(
                "The database's journal mode is {mode}, not wal: readers and writers wait for each other.", mode=journal
            ),
            Sentence(
                "Stop the job manager, and type PRAGMA journal_mode=WAL in the sqlite3 shell. "
                "A network's disk refuses it."
            ),
            is_error=True,
        )
    if synchronous == 0:
        yield Weakness(
            Sentence("database.synchronous is OFF: a power failure may destroy the database."),
            Sentence("Set it to FULL in data/config.py, or to NORMAL if the last moments may be lost."),
            is_error=True,
        )


def _of_postgresql(connection: Connection, most_workers: int, tables: frozenset[str]) -> Iterator[Weakness]:
    found = connection.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"), {"names": list(_POSTGRES)}
    )
    yield from judge_postgresql({str(name): str(value) for name, value in found}, most_workers)
    unlogged = connection.execute(
        text(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u' "
            "AND relnamespace = current_schema()::regnamespace ORDER BY relname"
        )
    )
    if names := [str(name) for name in unlogged.scalars() if name in tables]:
        yield Weakness(
            Sentence(
                "On PostgreSQL these tables are UNLOGGED: {tables}. After a crash of the server they are empty.",
                tables=", ".join(names),
            ),
            verbatim(" ".join(f"ALTER TABLE {name} SET LOGGED;" for name in names)),
            is_error=True,
        )


def judge_postgresql(settings: Mapping[str, str], most_workers: int) -> Iterator[Weakness]:
    """What these settings of a PostgreSQL are wanting in."""
    for name in ("fsync", "full_page_writes"):
        if settings.get(name) == "off":
            yield Weakness(
                Sentence("PostgreSQL's {setting} is off: a power failure may destroy the database.", setting=name),
                verbatim(f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();"),
                is_error=True,
            )
    if settings.get("synchronous_commit") == "off":
        yield Weakness(
            Sentence(
                "PostgreSQL's synchronous_commit is off: a crash may lose jobs that were saved in the last moments."
            ),
            Sentence(
                "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf(); and see that neither the database "
                "nor the user has a setting of its own."
            ),
        )
    for name in ("in_hot_standby", "default_transaction_read_only"):
        if settings.get(name) == "on":
            yield Weakness(
                Sentence("PostgreSQL's {setting} is on: nothing can be written.", setting=name),
                Sentence("Name the server that writes in data/config.py, or look where the setting comes from."),
                is_error=True,
            )
    yield from _too_few_connections("PostgreSQL's max_connections", settings.get("max_connections"), most_workers)


def _of_mariadb(connection: Connection, most_workers: int, tables: frozenset[str]) -> Iterator[Weakness]:
    names = ", ".join(f"'{name}'" for name in _MARIADB)
    found = connection.execute(text(f"SHOW SESSION VARIABLES WHERE Variable_name IN ({names})"))
    yield from judge_mariadb({str(name): str(value) for name, value in found}, most_workers)
    others = connection.execute(
        text(
            "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = DATABASE() "
            "AND table_type = 'BASE TABLE' AND engine <> 'InnoDB' ORDER BY table_name"
        )
    )
    if found_tables := [(str(name), str(engine)) for name, engine in others if name in tables]:
        listed = ", ".join(f"{name} ({engine})" for name, engine in found_tables)
        yield Weakness(
            Sentence(
                "On MariaDB these tables have no transactions: {tables}. Jobs may be lost, or run twice.", tables=listed
            ),
            verbatim(" ".join(f"ALTER TABLE {name} ENGINE=InnoDB;" for name, _ in found_tables)),
            is_error=True,
        )


def judge_mariadb(settings: Mapping[str, str], most_workers: int) -> Iterator[Weakness]:
    """What these settings of a MariaDB are wanting in."""
    flush = settings.get("innodb_flush_log_at_trx_commit")
    if flush not in (None, "1", "3"):
        yield Weakness(
            Sentence(
                "MariaDB's innodb_flush_log_at_trx_commit is {value}: a crash may lose jobs that were saved in "
                "the last moments.",
                value=flush,
            ),
            Sentence("Set it to 1 in the server's configuration."),
        )
    packet = int(settings.get("max_allowed_packet") or _LEAST_PACKET)
    if packet < _LEAST_PACKET:
        yield Weakness(
            Sentence(
                "MariaDB's max_allowed_packet is {size}: rows with large payloads are refused.",
                size=f"{packet // 1024} KiB",
            ),
            Sentence("Set it to 16M or more in the server's configuration."),
        )
    isolation = settings.get("transaction_isolation") or settings.get("tx_isolation")
    if isolation not in (None, "READ-COMMITTED"):
        yield Weakness(
            Sentence(
                "The isolation of PyAtro's sessions is {isolation}, not READ-COMMITTED: "
                "jobs would wait for each other.",
                isolation=isolation,
            ),
            Sentence("Take out what sets it anew after the connect, such as a proxy."),
            is_error=True,
        )
    if settings.get("log_bin") == "ON" and settings.get("binlog_format") == "STATEMENT":
        yield Weakness(
            Sentence("MariaDB's binlog_format is STATEMENT: it refuses what PyAtro writes."),
            Sentence("Set it to MIXED or ROW in the server's configuration."),
            is_error=True,
        )
    yield from _too_few_connections("MariaDB's max_connections", settings.get("max_connections"), most_workers)


def _too_few_connections(name: str, value: str | None, most_workers: int) -> Iterator[Weakness]:
    needed = most_workers + _SPARE_CONNECTIONS
    if value is not None and int(value) < needed:
        yield Weakness(
            Sentence(
                "{setting} is {value}: {count} workers and what else there is need {needed}.",
                setting=name,
                value=value,
                count=most_workers,
                needed=needed,
            ),
            Sentence("Raise it and start the server anew, or lower maxConcurrentWorkers in data/config.py."),
        )


_JUDGES: dict[str, Callable[[Connection, int, frozenset[str]], Iterator[Weakness]]] = {
    "sqlite": _of_sqlite,
    "postgresql": _of_postgresql,
    "mariadb": _of_mariadb,
    "mysql": _of_mariadb,
}
_CLOCKS = {
    "postgresql": "SELECT clock_timestamp()",
    "mariadb": "SELECT UTC_TIMESTAMP(6)",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}
