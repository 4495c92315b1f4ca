"""What the drained jobs note: the clock of every system, and the proof that each job ran once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.peers.work import RECORD


class Journal:
    """A file to whose end each job adds a record with its number; empty at the beginning."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def count(self) -> int:
        """How many jobs have noted that they ran."""
        return self._path.stat().st_size // RECORD.size

    def check(self, jobs: int) -> None:
        """RuntimeError unless the jobs 0 to `jobs` - 1 each ran exactly once."""
        ran = Counter(number for (number,) in RECORD.iter_unpack(self._path.read_bytes()))
        lost = sum(1 for number in range(jobs) if number not in ran)
        repeated = sum(1 for times in ran.values() if times > 1)
        if lost or repeated or len(ran) != jobs:
            raise RuntimeError(f"of {jobs} jobs {lost} did not run, {repeated} ran more than once")
