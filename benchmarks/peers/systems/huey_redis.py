"""Huey on Redis: worker processes, no results kept; with priorities, as ours, which is not slower than without."""

from collections.abc import Iterable

from huey import PriorityRedisHuey

from benchmarks.peers import work as body

huey = PriorityRedisHuey(body.QUEUE, url=body.SERVER, results=False)
JOBS = {"tick": huey.task()(body.tick), "gate": huey.task()(body.gate)}


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """One by one: there is no other way."""
    for number in numbers:
        JOBS[kind](number)


def work(workers: int) -> None:
    """Its consumer, with as many processes."""
    huey.create_consumer(workers=workers, worker_type="process", periodic=False).run()
