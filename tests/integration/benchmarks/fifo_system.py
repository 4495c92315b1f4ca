"""A job system of a few lines, which promises what `benchmarks.peers.play` asks for: a pipe that processes read."""

import os
import struct
from collections.abc import Iterable

from benchmarks.peers import work as body

QUEUE = body.FOLDER / "queue"
JOB = struct.Struct("<cQ")
KINDS = {"tick": (b"t", body.tick), "gate": (b"g", body.gate)}


def prepare() -> None:
    os.mkfifo(QUEUE)


def enqueue(kind: str, numbers: Iterable[int]) -> None:
    jobs = [JOB.pack(KINDS[kind][0], number) for number in numbers]
    if kind == "tick" and os.environ.get("FIFO_REPEATS"):
        jobs[0] = jobs[1]
    with QUEUE.open("wb", buffering=0) as queue:
        queue.write(b"".join(jobs))


def work(workers: int) -> None:
    for _ in range(workers - 1):
        if os.fork() == 0:
            break
    with QUEUE.open("r+b", buffering=0) as queue:
        while True:
            kind, number = JOB.unpack(queue.read(JOB.size))
            next(job for letter, job in KINDS.values() if letter == kind)(number)
