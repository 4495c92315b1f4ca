"""Taskiq on a Redis list: as many processes, coroutines as jobs, uvloop, no results, messages confirmed when taken."""

import asyncio
import sys
from collections.abc import Iterable

from taskiq.cli.worker.cmd import WorkerCMD
from taskiq_redis import ListQueueBroker

from benchmarks.peers import work as body

broker = ListQueueBroker(body.SERVER, queue_name=body.QUEUE)


@broker.task(task_name="tick")
async def tick(number: int) -> None:
    """A coroutine: it needs no thread."""
    body.tick(number)


@broker.task(task_name="gate")
async def gate(number: int) -> None:
    """It blocks its whole process."""
    body.gate(number)


JOBS = {"tick": tick, "gate": gate}


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    """One by one, on one connection."""

    async def send() -> None:
        await broker.startup()
        for number in numbers:
            await JOBS[kind].kiq(number)
        await broker.shutdown()

    asyncio.run(send())


def work(workers: int) -> None:
    """Its command."""
    words = ["--workers", str(workers), "--ack-type", "when_received", "--log-level", "WARNING"]
    sys.exit(WorkerCMD().exec([f"{__name__}:broker", *words]))
