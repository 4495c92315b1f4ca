"""Each job held against the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from benchmarks.chaos.journal import Journal, RunSeen

ENDED = ("Success", "Failed", "Canceled")


@dataclass
class Reconciliation:
    """How many jobs were saved and ended, and the ids of those to which something happened that must not."""

    enqueued: int = 0
    ended: int = 0
    runs: int = 0
    lost: set[str] = field(default_factory=set)
    twice_at_one_time: set[str] = field(default_factory=set)
    too_often: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    untrue: set[str] = field(default_factory=set)

    @property
    def is_clean(self) -> bool:
        """Whether something ran, and nothing happened that must not."""
        faults = (self.lost, self.twice_at_one_time, self.too_often, self.stuck, self.untrue)
        return self.runs > 0 and not any(faults)

    @classmethod
    def of(
        cls,
        journal: Journal,
        rows: Mapping[str, Mapping[str, Any]],
        attempts: Iterable[tuple[str, int]],
        max_attempts: Mapping[str, int],
    ) -> Reconciliation:
        """`rows` are the jobs by id, `attempts` job and number of each recorded one, `max_attempts` is by type."""
        found = cls(enqueued=len(journal.saved | rows.keys()), runs=sum(map(len, journal.runs.values())))
        # What ran was there, whether anybody was told so or not.
        found.lost = (journal.saved | journal.runs.keys()) - rows.keys()
        for job_id, row in rows.items():
            has_ended = row["status"] in ENDED and row["run_process"] is None
            found.ended += has_ended
            runs = journal.runs.get(job_id, [])
            checks = {
                "stuck": not has_ended,
                "twice_at_one_time": _overlap(runs),
                "too_often": len(runs) > journal.granted(job_id, max_attempts[row["type"]]),
                "untrue": _is_untrue(row, runs),
            }
            for name, is_wrong in checks.items():
                if is_wrong:
                    getattr(found, name).add(job_id)
        found.untrue |= _recorded_twice(attempts) | (rows.keys() - journal.saving)
        return found

    def lines(self) -> list[str]:
        """For people."""
        counts = [
            ("enqueued", self.enqueued),
            ("runs", self.runs),
            ("ended", self.ended),
            ("lost", len(self.lost)),
            ("started twice at one time", len(self.twice_at_one_time)),
            ("started too often", len(self.too_often)),
            ("stuck", len(self.stuck)),
            ("ended otherwise than the row says", len(self.untrue)),
        ]
        return [f"{name:<34}{count:>8,}" for name, count in counts]


def _overlap(runs: list[RunSeen]) -> bool:
    """Whether a run began while another one went on: by the kernel's word, and by their own moments."""
    if not all(run.was_alone for run in runs):
        return True
    if len({run.attempt for run in runs}) < len(runs):
        return True
    ordered = sorted(runs, key=lambda run: run.began_at)
    return any(a.ended_at is not None and b.began_at < a.ended_at for a, b in combinations(ordered, 2))


def _is_untrue(row: Mapping[str, Any], runs: list[RunSeen]) -> bool:
    """Whether the row says Success though its last attempt never came to its end, or knows less than what ran."""
    last = max((run.attempt for run in runs), default=0)
    if last > (row["attempt"] or 0):
        return True
    ends = {run.attempt for run in runs if run.ended_at is not None}
    return row["status"] == "Success" and row["attempt"] not in ends


def _recorded_twice(attempts: Iterable[tuple[str, int]]) -> set[str]:
    seen: set[tuple[str, int]] = set()
    twice: set[str] = set()
    for attempt in attempts:
        if attempt in seen:
            twice.add(attempt[0])
        seen.add(attempt)
    return twice
