"""What the disk and the database give at best: the yardstick beside every figure."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from statistics import median
from typing import Any, TypeVar

import psycopg
import pymysql
from sqlalchemy import URL, make_url

from benchmarks.databases import wanted_database
from benchmarks.options import Options

T = TypeVar("T")

SAMPLE_SECONDS = 2.0


def commits_per_second(options: Options, seconds: float = SAMPLE_SECONDS) -> float:
    """Durable transactions of one small row a second: the plain driver, one connection, nobody beside it."""
    with wanted_database(options.db, options.folder) as url, plain_connection(url, options.synchronous) as execute:
        execute("CREATE TABLE one (id INTEGER PRIMARY KEY, status VARCHAR(20), moment DOUBLE PRECISION)")
        execute("INSERT INTO one VALUES (1, 'Pending', 0)")
        commits = 0
        started = now = time.perf_counter()
        while now < started + seconds:
            execute(f"UPDATE one SET status = 'Running', moment = {now} WHERE id = 1")
            commits += 1
            now = time.perf_counter()
        return commits / (now - started)


@contextmanager
def plain_connection(url: str, synchronous: str) -> Iterator[Callable[[str], object]]:
    """What runs a statement, each one a transaction, by sqlite3 (WAL), psycopg or PyMySQL."""
    parsed = make_url(url)
    with closing(_connect(parsed, synchronous)) as connection:
        cursor = connection.cursor()
        yield cursor.execute


def _connect(url: URL, synchronous: str) -> Any:
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database), isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection
    if url.get_backend_name() == "postgresql":
        host = url.query.get("host") or url.host
        named = {"host": host, "port": url.port, "user": url.username, "password": url.password}
        return psycopg.connect(dbname=url.database, autocommit=True, **{k: v for k, v in named.items() if v})
    named = {
        "unix_socket": url.query.get("unix_socket"),
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
    }
    return pymysql.connect(database=url.database, autocommit=True, **{k: v for k, v in named.items() if v})


def interpreter_start_ms() -> float:
    """Milliseconds for a Python process that does nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - started) * 1000


def beside_commits(options: Options, run: Callable[[], T]) -> tuple[list[T], float]:
    """The outcomes of all runs, and the median of the raw commits a second before, between and after them."""
    raw = [commits_per_second(options)]
    outcomes = []
    for _ in range(options.runs):
        outcomes.append(run())
        raw.append(commits_per_second(options))
    return outcomes, median(raw)
