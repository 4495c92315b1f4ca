"""When a worker has done enough and is replaced between two jobs, by the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.config import Config
from core.job_manager.memory_use import MIB, held_bytes
from core.job_manager.pool_worker import PoolWorker


@dataclass(frozen=True, slots=True)
class Recycling:
    """How many runs a worker has at most, and how many MiB it may have grown by; 0 is no limit."""

    most_runs: int = 0
    most_mib: float = 0

    @classmethod
    def of(cls, config: Config) -> Recycling:
        """`maxRunsPerWorker` and `maxWorkerMemory`."""
        return cls(config.get("maxRunsPerWorker"), config.get("maxWorkerMemory"))

    def has_run_enough(self, worker: PoolWorker) -> bool:
        """Whether its runs are used up; asked after each job."""
        return 0 < self.most_runs <= worker.runs

    def grown(self, workers: Iterable[PoolWorker]) -> list[tuple[PoolWorker, float]]:
        """Those that jobs have made too large, with the MiB that each has beyond what it shares with its parent."""
        if not self.most_mib:
            return []
        found = []
        for worker in workers:
            held, inherited = held_bytes(worker.pid or 0), held_bytes(worker.parent)
            if held is not None and inherited is not None and (grown := (held - inherited) / MIB) > self.most_mib:
                found.append((worker, grown))
        return found
