"""What an idle job manager costs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.arena import arena, roles, run_some_jobs
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target

#: After the last job, until the manager has put away what is left of it.
REST_SECONDS = 3.0
#: What looks once a second may fall a little short of a second.
WAKE_UPS = Target(1.05, "times/s")


@dataclass(frozen=True)
class Cost:
    """Percent of one core; MiB (PSS: shared pages are divided among those who share them)."""

    daemon_cpu: float
    all_cpu: float
    daemon_wakeups: float
    daemon_and_parent: float
    worker: float
    worker_own: float


def measure(options: Options) -> Report:
    """Looks at an idle job manager for `options.seconds`, after each worker has run some jobs."""
    runs = [measure_once(options) for _ in range(options.runs)]
    return Report(
        "idle",
        [
            Figure("daemon", "% of a core", [run.daemon_cpu for run in runs], target=Target(0.3, "% of a core")),
            Figure("daemon, parent and workers together", "% of a core", [run.all_cpu for run in runs]),
            Figure("daemon goes to sleep", "times/s", [run.daemon_wakeups for run in runs], target=WAKE_UPS),
            Figure("daemon and parent, PSS", "MiB", [run.daemon_and_parent for run in runs], target="< 150 MiB"),
            Figure("largest worker, PSS", "MiB", [run.worker for run in runs], target="< 40 MiB"),
            Figure("largest worker, private pages", "MiB", [run.worker_own for run in runs]),
        ],
        [f"{options.workers} workers, each after some jobs; {options.seconds:g} s a run."],
    )


def measure_once(options: Options) -> Cost:
    """One new installation."""
    with arena(options) as installation:
        installation.start_job_manager()
        run_some_jobs(installation, 50 * options.workers)
        time.sleep(REST_SECONDS)
        daemon, parent, workers = roles(installation)
        everyone = [daemon, parent, *workers]
        before = [cpu_seconds(process) for process in everyone]
        switches = daemon.num_ctx_switches().voluntary
        time.sleep(options.seconds)
        used = [cpu_seconds(process) - first for process, first in zip(everyone, before, strict=True)]
        return Cost(
            used[0] / options.seconds * 100,
            sum(used) / options.seconds * 100,
            (daemon.num_ctx_switches().voluntary - switches) / options.seconds,
            memory_mib(daemon, "Pss") + memory_mib(parent, "Pss"),
            max(memory_mib(worker, "Pss") for worker in workers),
            max(memory_mib(worker, "Private_Dirty", "Private_Clean") for worker in workers),
        )


def cpu_seconds(process: psutil.Process) -> float:
    """Seconds on a processor so far, in nanosecond steps: psutil's own come in hundredths."""
    nanoseconds, *_ = Path(f"/proc/{process.pid}/schedstat").read_text().split()
    return int(nanoseconds) / 1e9


def memory_mib(process: psutil.Process, *fields: str) -> float:
    """The sum of some lines of the process's smaps_rollup."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]
    kib = {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines)}
    return sum(kib[field] for field in fields) / 1024
