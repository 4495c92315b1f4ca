"""What the processes wrote down themselves while they were killed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class RunSeen:
    """One run of a job, by its own lines; `ended_at` is None where it was killed before its last one."""

    attempt: int
    began_at: int
    was_alone: bool
    ended_at: int | None = None


@dataclass
class Journal:
    """All lines, by job."""

    saving: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    retries: Counter[str] = field(default_factory=Counter)
    by_hand: Counter[str] = field(default_factory=Counter)
    runs: dict[str, list[RunSeen]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, folder: Path) -> Journal:
        """Read the files of all processes. A last line without an end was never written whole, and does not count."""
        journal = cls()
        for file in sorted(folder.iterdir()):
            for line in file.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    journal._take(*line.split())
        return journal

    def granted(self, job_id: str, max_attempts: int) -> int:
        """How often a job may have begun at most."""
        return max_attempts * (1 + self.retries[job_id]) + self.by_hand[job_id]

    def _take(self, word: str, *rest: str) -> None:
        if word in ("saving", "saved"):
            getattr(self, word).update(rest)
        elif word == "retry":
            self.retries[rest[0]] += 1
        elif word == "by-hand":
            self.by_hand[rest[0]] += 1
        elif word == "begin":
            job_id, attempt, company, _pid, moment = rest
            self.runs[job_id].append(RunSeen(int(attempt), int(moment), company == "alone"))
        elif word == "end":
            job_id, _attempt, _company, _pid, moment = rest
            # The lines of one process are in order, and it runs one job at a time.
            self.runs[job_id][-1].ended_at = int(moment)
