"""dramatiq: as many processes of one thread each, its usual middleware."""

import os
import sys
from collections.abc import Iterable

import dramatiq

from benchmarks.peers import work as body


def jobs(broker: dramatiq.Broker) -> dict[str, dramatiq.Actor]:
    """The jobs of the broker, which is dramatiq's own from now on."""
    dramatiq.set_broker(broker)
    return {
        kind: dramatiq.actor(job, actor_name=kind, queue_name=body.QUEUE, broker=broker)
        for kind, job in (("tick", body.tick), ("gate", body.gate))
    }


def enqueue(job: dramatiq.Actor, numbers: Iterable[int]) -> None:
    """One by one, on one connection."""
    for number in numbers:
        job.send(number)


def work(module: str, workers: int) -> None:
    """Its command."""
    words = ["--processes", str(workers), "--threads", "1", module]
    os.execv(sys.executable, [sys.executable, "-m", "dramatiq", *words])
