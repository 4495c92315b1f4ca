"""What it costs that each run of a job has a process of its own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import psutil

from benchmarks.arena import all_workers_blocked, arena, new_job, wait_until_done
from benchmarks.idle import cpu_seconds
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target
from core.testing import Installation

#: As much as the parent of the workers has in a small installation.
PARENT_BYTES = 60 << 20
RAW_SECONDS = 2.0
MOST_JOBS = 2_000


@dataclass(frozen=True)
class Drained:
    """Jobs a second by our own watch, and the processor time of all processes, in milliseconds a job."""

    rate: float
    cpu_ms: float


def measure(options: Options) -> Report:
    """Drains no-op jobs of a type with `"isolation": "process"`, and as many of one without, in turns."""
    jobs = min(options.jobs, MOST_JOBS)
    raw, alone, shared = [], [], []
    for _ in range(options.runs):
        raw.append(forks_per_second())
        alone.append(drain_once(options, "NoOpAlone", jobs))
        shared.append(drain_once(options, "NoOp", jobs))
    rate = Figure(
        "isolated",
        "jobs/s",
        [run.rate for run in alone],
        target=Target(150, "jobs/s", is_least=True),
        raw_unit="raw forks/s",
    ).against(sorted(raw)[len(raw) // 2])
    return Report(
        "isolation",
        [
            rate,
            Figure("  processor time", "ms/job", [run.cpu_ms for run in alone]),
            Figure("not isolated", "jobs/s", [run.rate for run in shared]),
            Figure("  processor time", "ms/job", [run.cpu_ms for run in shared]),
        ],
        [f"{jobs:,} no-op jobs each, {options.workers} workers, all blocked at the start; each run had its own pid."],
    )


def drain_once(options: Options, job_type: str, jobs: int) -> Drained:
    """Drains one new installation; RuntimeError where a job failed, or an isolated one shared its process."""
    with arena(options) as installation:
        with all_workers_blocked(installation, options):
            with installation.application() as application:
                entities = application.container.get("entityManager")
                entities.save_entities([new_job(entities, job_type) for _ in range(jobs)])
            used, started = processor_seconds(installation), time.perf_counter()
        wait_until_done(installation)
        seconds, used = time.perf_counter() - started, processor_seconds(installation) - used
        [found] = installation.query(
            "SELECT sum(CASE WHEN status = 'Success' AND attempt = 1 THEN 1 ELSE 0 END) AS once,"
            " count(DISTINCT pid) AS pids FROM job WHERE type = ?",
            job_type,
        )
    if found["once"] != jobs or (job_type == "NoOpAlone" and found["pids"] != jobs):
        raise RuntimeError(f"Of {jobs} jobs {found['once']} succeeded at once, in {found['pids']} processes.")
    return Drained(jobs / seconds, used / jobs * 1000)


def processor_seconds(installation: Installation) -> float:
    """Of all processes of the installation, those that have ended included."""
    total = 0.0
    for process in installation.processes():
        try:
            times = process.cpu_times()
            total += cpu_seconds(process) + times.children_user + times.children_system
        except (psutil.NoSuchProcess, FileNotFoundError):
            continue  # its parent has its time now, or in a moment
    return total


def forks_per_second() -> float:
    """A process as large as the workers' parent forks one that ends at once, and waits for it."""
    ballast = bytearray(os.urandom(4096) * (PARENT_BYTES // 4096))
    forks, started = 0, time.perf_counter()
    while (now := time.perf_counter()) < started + RAW_SECONDS:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        forks += 1
    del ballast
    return forks / (now - started)
