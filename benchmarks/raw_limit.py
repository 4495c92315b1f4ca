"""What the disk and SQLite give at best: the yardstick beside every figure."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.options import Options

T = TypeVar("T")

SAMPLE_SECONDS = 2.0


def commits_per_second(folder: Path, synchronous: str, seconds: float = SAMPLE_SECONDS) -> float:
    """Durable transactions of one small row a second: plain sqlite3, WAL, one connection, nobody beside it."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "raw.sqlite"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, status TEXT, moment REAL)")
            connection.execute("INSERT INTO one VALUES (1, 'Pending', 0)")
            commits = 0
            started = now = time.perf_counter()
            while now < started + seconds:
                connection.execute("UPDATE one SET status = 'Running', moment = ? WHERE id = 1", (now,))
                commits += 1
                now = time.perf_counter()
            return commits / (now - started)


def interpreter_start_ms() -> float:
    """Milliseconds for a Python process that does nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - started) * 1000


def beside_commits(options: Options, run: Callable[[], T]) -> tuple[list[T], float]:
    """The outcomes of all runs, and the median of the raw commits a second before, between and after them."""
    raw = [commits_per_second(options.folder, options.synchronous)]
    outcomes = []
    for _ in range(options.runs):
        outcomes.append(run())
        raw.append(commits_per_second(options.folder, options.synchronous))
    return outcomes, median(raw)
