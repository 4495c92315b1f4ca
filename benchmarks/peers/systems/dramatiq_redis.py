"""dramatiq on Redis; its settings are in `_dramatiq`."""

from collections.abc import Iterable

from dramatiq.brokers.redis import RedisBroker

from benchmarks.peers import work as body
from benchmarks.peers.systems import _dramatiq

broker = RedisBroker(url=body.SERVER, namespace=body.QUEUE)
JOBS = _dramatiq.jobs(broker)


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """One by one."""
    _dramatiq.enqueue(JOBS[kind], numbers)


def work(workers: int) -> None:
    """As many processes."""
    _dramatiq.work(__name__, workers)
