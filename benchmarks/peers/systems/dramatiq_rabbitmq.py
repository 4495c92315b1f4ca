"""dramatiq on RabbitMQ; its settings are in `_dramatiq`."""

from collections.abc import Iterable

from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.common import dq_name, xq_name

from benchmarks.peers import work as body
from benchmarks.peers.systems import _dramatiq

broker = RabbitmqBroker(url=body.SERVER)
JOBS = _dramatiq.jobs(broker)


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """One by one."""
    _dramatiq.enqueue(JOBS[kind], numbers)


def work(workers: int) -> None:
    """As many processes."""
    _dramatiq.work(__name__, workers)


def clear() -> None:
    """Its queue, and the two that stand beside it."""
    for name in (body.QUEUE, dq_name(body.QUEUE), xq_name(body.QUEUE)):
        broker.channel.queue_delete(name)
