"""How many jobs ended in stretches of the last hour, day or week."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.container import Container
from core.job_queue.run_times import RunTimes
from core.job_queue.states import ENDED, FAILED

#: By name the length, and that of a stretch, in minutes.
PERIODS = {"hour": (60, 1), "day": (24 * 60, 20), "week": (7 * 24 * 60, 120)}


@dataclass(frozen=True)
class Throughput:
    """`times` are the beginnings of the stretches in seconds since 1970; the others belong to them, one for one."""

    every_minutes: int
    times: list[int]
    ended: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    #: The mean run in seconds; None where nothing ended.
    seconds: list[float | None] = field(default_factory=list)
    #: So long at most took half of the runs, and 95 of 100; by their buckets, so roughly.
    median: list[float | None] = field(default_factory=list)
    percentile_95: list[float | None] = field(default_factory=list)


def read_throughput(container: Container, period: str, now: datetime) -> Throughput:
    """The stretches of a period of PERIODS, those without a job among them; the last one is not over yet."""
    minutes, every = PERIODS[period]
    with container.get("connection").read() as connection:
        counts = container.get("jobQueue").counters.read(
            *(connection, now - timedelta(minutes=minutes), now + timedelta(minutes=1)),
            every_minutes=every,
            with_run_times=True,
        )
    ended: dict[int, int] = defaultdict(int)
    failed: dict[int, int] = defaultdict(int)
    seconds: dict[int, float] = defaultdict(float)
    times: dict[int, RunTimes] = defaultdict(RunTimes)
    for count in counts:
        if count.status in ENDED:
            times[count.minute] += count.run_times
            ended[count.minute] += count.count
            seconds[count.minute] += count.seconds
        if count.status == FAILED:
            failed[count.minute] += count.count
    last = int(now.timestamp()) // 60 // every * every
    starts = list(range(last - minutes // every * every, last + 1, every))
    return Throughput(
        every,
        [start * 60 for start in starts],
        [ended[start] for start in starts],
        [failed[start] for start in starts],
        [round(seconds[start] / ended[start], 3) if ended[start] else None for start in starts],
        [times[start].percentile(50, seconds[start]) for start in starts],
        [times[start].percentile(95, seconds[start]) for start in starts],
    )
