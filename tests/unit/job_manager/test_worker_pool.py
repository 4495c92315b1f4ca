"""What the daemon knows of its workers."""

from __future__ import annotations

import selectors
from pathlib import Path

from core.job_manager.channel import Channel, channel_pair
from core.job_manager.pool_worker import PoolEvents, PoolWorker
from core.job_manager.worker_pool import WorkerPool
from core.job_queue.process_identity import ProcessIdentity


def test_a_worker_that_is_ready_before_its_parent_told_of_it_has_its_pid(tmp_path: Path) -> None:
    with selectors.DefaultSelector() as selector:
        pool = WorkerPool(tmp_path, selector, 4)
        ours, theirs = channel_pair()
        worker = PoolWorker(0, ours, parent=1, asked_for_at=0.0)
        me = ProcessIdentity.current()
        with theirs:
            Channel(theirs).send({"is": "ready", "process": str(me), "listens": False})
            pool._hear_worker(worker, PoolEvents())
        ours.close()

    assert worker.is_free
    assert worker.pid == me.pid
