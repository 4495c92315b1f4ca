"""Huey on a SQLite file: worker processes, no results kept, looks again after 10 to 50 ms (by default up to 10 s)."""

from collections.abc import Iterable

from huey import SqliteHuey

from benchmarks.peers import work as body

# WAL and `synchronous=FULL` are what it does by itself.
huey = SqliteHuey(filename=str(body.FOLDER / "huey.sqlite"), results=False)
JOBS = {"tick": huey.task()(body.tick), "gate": huey.task()(body.gate)}


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """One by one: there is no other way."""
    for number in numbers:
        JOBS[kind](number)


def work(workers: int) -> None:
    """Its consumer, with as many processes."""
    delays = {"initial_delay": 0.01, "max_delay": 0.05}
    huey.create_consumer(workers=workers, worker_type="process", periodic=False, **delays).run()
