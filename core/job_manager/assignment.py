"""Which free worker runs which job: a job type may ask for a process that has run nothing before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.job_manager.pool_worker import PoolWorker
from core.job_queue.candidate import Candidate


class _Metadata(Protocol):
    def get(self, key: list[str], default: Any = None) -> Any: ...


def isolated_types(metadata: _Metadata) -> frozenset[str]:
    """The job types each of whose runs has a process of its own: those with `"isolation": "process"`."""
    entries = metadata.get(["app", "jobTypes"], {})
    named = entries.items() if isinstance(entries, dict) else ()
    return frozenset(name for name, entry in named if isinstance(entry, dict) and entry.get("isolation") == "process")


@dataclass(frozen=True, slots=True)
class Assignment:
    """The pairs; the jobs that wait for a fresh worker; the used workers that nothing was found for."""

    pairs: list[tuple[Candidate, PoolWorker]]
    waiting: list[Candidate]
    left: list[PoolWorker]


def assign(candidates: Sequence[Candidate], free: Sequence[PoolWorker], isolated: frozenset[str]) -> Assignment:
    """Give each job, in order, a worker: a fresh one where its type is isolated, else rather one that was used."""
    if not isolated:
        return Assignment(list(zip(candidates, free, strict=False)), [], [])
    used, fresh = [w for w in free if w.runs], [w for w in free if not w.runs]
    pairs, waiting = [], []
    for candidate in candidates:
        source = fresh if candidate.row["type"] in isolated else used or fresh
        if source:
            pairs.append((candidate, source.pop()))
        else:
            waiting.append(candidate)
    return Assignment(pairs, waiting, used)
