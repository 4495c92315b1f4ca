"""RQ: as many processes of its SimpleWorker, which forks for no job (its usual worker does, and is slower)."""

import multiprocessing
from collections.abc import Iterable

from redis import Redis
from rq import Queue, SimpleWorker

from benchmarks.peers import work as body

JOBS = {"tick": body.tick, "gate": body.gate}


def _queue() -> Queue:
    return Queue(body.QUEUE, connection=Redis.from_url(body.SERVER))


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """In one pipeline; a job that succeeded is not kept."""
    _queue().enqueue_many([Queue.prepare_data(JOBS[kind], (number,), result_ttl=0) for number in numbers])


def work(workers: int) -> None:
    """Each forked once, with a connection of its own."""
    processes = [multiprocessing.get_context("fork").Process(target=_work) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def _work() -> None:
    queue = _queue()
    SimpleWorker([queue], connection=queue.connection).work(logging_level="WARNING")
