"""Celery on a broker: a pool of processes, no results, no events, messages confirmed when taken (its default)."""

from collections.abc import Iterable

from celery import Celery

from benchmarks.peers import work as body


def make(name: str) -> tuple[Celery, dict]:
    """The application of the module `name`, and its jobs."""
    app = Celery(name, broker=body.SERVER)
    app.conf.update(
        task_default_queue=body.QUEUE,
        task_ignore_result=True,
        worker_enable_remote_control=False,
        # What its manual advises for many short jobs.
        worker_prefetch_multiplier=64,
        broker_connection_retry_on_startup=True,
    )
    return app, {"tick": app.task(body.tick, name="tick"), "gate": app.task(body.gate, name="gate")}


def enqueue(app: Celery, job, numbers: Iterable[int]) -> None:
    """One by one, on one connection."""
    with app.producer_pool.acquire(block=True) as producer:
        for number in numbers:
            job.apply_async((number,), producer=producer)


def work(app: Celery, workers: int) -> None:
    """`celery worker`, without what workers tell each other."""
    silent = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    app.worker_main(["worker", "--pool", "prefork", "--concurrency", str(workers), *silent])


def clear(app: Celery) -> None:
    """Its queue."""
    with app.connection_for_write() as connection:
        connection.default_channel.queue_delete(body.QUEUE)
        connection.default_channel.exchange_delete(body.QUEUE)
