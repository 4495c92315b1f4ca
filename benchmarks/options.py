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
