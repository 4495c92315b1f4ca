"""What a benchmark is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """The words of the command line; `folder` is where the installations are made, so on which disk."""

    jobs: int
    workers: int
    runs: int
    seconds: float
    synchronous: str
    folder: Path
    #: `sqlite`, `postgres` or `mariadb`.
    db: str = "sqlite"
    #: What stands in the table before the drain: jobs that have ended; jobs of a higher priority whose time is to come;
    #: waiting jobs, of a higher priority as well, of a type that is at its limit.
    backlog: int = 0
    future: int = 0
    limited: int = 0
    #: For `rows`: so many jobs.
    rows: int = 1_000_000
