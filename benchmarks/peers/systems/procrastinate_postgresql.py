"""Procrastinate: one asynchronous job at a time in each of as many processes, woken by NOTIFY; a row a job is kept."""

import asyncio
import multiprocessing
from collections.abc import Iterable

import procrastinate

from benchmarks.peers import work as body

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=body.SERVER))
LEFT = "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status <> 'succeeded') AS yes"


@app.task(name="tick")
async def tick(number: int) -> None:
    """A coroutine: it needs no thread."""
    body.tick(number)


@app.task(name="gate")
async def gate(number: int) -> None:
    """It blocks its whole process."""
    body.gate(number)


JOBS = {"tick": tick, "gate": gate}


def prepare() -> None:
    """Its tables."""
    with app.open():
        app.schema_manager.apply_schema()


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """All in one statement."""
    with app.open():
        JOBS[kind].batch_defer(*({"number": number} for number in numbers))


def has_ended() -> bool:
    """By its rows."""
    with app.open():
        return not app.connector.get_sync_connector().execute_query_one(LEFT)["yes"]


def work(workers: int) -> None:
    """As many processes."""
    processes = [multiprocessing.get_context("fork").Process(target=_work) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def _work() -> None:
    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=1, fetch_job_polling_interval=1)

    asyncio.run(run())
