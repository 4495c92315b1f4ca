"""Celery on RabbitMQ; its settings are in `_celery`."""

from collections.abc import Iterable

from benchmarks.peers.systems import _celery

app, JOBS = _celery.make(__name__)


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """On one connection."""
    _celery.enqueue(app, JOBS[kind], numbers)


def work(workers: int) -> None:
    """One command, with a pool of as many processes."""
    _celery.work(app, workers)


def clear() -> None:
    """The queue and its exchange."""
    _celery.clear(app)
