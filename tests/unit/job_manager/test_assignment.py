"""Which worker gets which job where some types want a process that has run nothing."""

from __future__ import annotations

from typing import Any

from core.job_manager.assignment import Assignment, assign, isolated_types
from core.job_manager.channel import channel_pair
from core.job_manager.pool_worker import PoolWorker
from core.job_queue.candidate import Candidate


def worker(runs: int) -> PoolWorker:
    channel, other_end = channel_pair()
    channel.close()
    other_end.close()
    return PoolWorker(0, channel, parent=1, asked_for_at=0.0, runs=runs)


def assigned(types: str, free: list[PoolWorker]) -> Assignment:
    """Of jobs whose types are the letters; I is isolated."""
    return assign([Candidate({"id": name, "type": name}) for name in types], free, frozenset("I"))


def test_an_isolated_job_gets_the_fresh_worker_and_the_other_one_the_used() -> None:
    used, fresh = worker(3), worker(0)

    pairs = assigned("oI", [fresh, used]).pairs

    assert [(job.job_id, found) for job, found in pairs] == [("o", used), ("I", fresh)]


def test_an_isolated_job_without_a_fresh_worker_waits_and_lets_others_pass() -> None:
    first, second = worker(1), worker(2)

    found = assigned("Io", [first, second])

    assert [job.job_id for job, _ in found.pairs] == ["o"]
    assert [job.job_id for job in found.waiting] == ["I"]
    assert found.left == [first]


def test_ordinary_jobs_take_fresh_workers_where_no_used_one_is_free() -> None:
    assert len(assigned("oo", [worker(0), worker(0)]).pairs) == 2


def test_what_asks_for_a_process_is_isolated_whatever_else_stands_in_the_metadata() -> None:
    class Metadata:
        def get(self, key: list[str], default: Any = None) -> Any:
            return {"A": {"isolation": "process"}, "B": {"isolation": "worker"}, "C": {}, "D": 5, "E": None}

    assert isolated_types(Metadata()) == {"A"}
