"""How long a person waits for the console."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.arena import arena
from benchmarks.options import Options
from benchmarks.raw_limit import interpreter_start_ms
from benchmarks.report import Figure, Report
from core.testing import Installation

TARGETS = {"list": "< 250 ms", "cron, starts the daemon": "< 1000 ms", "cron, daemon runs": "< 1000 ms"}

#: Whole processes are short and noisy, so each run is a few of them.
PROCESSES_A_RUN = 5


def measure(options: Options) -> Report:
    """Whole processes, from start to exit, the metadata cache filled; beside a Python that does nothing."""
    raw = median(interpreter_start_ms() for _ in range(options.runs * PROCESSES_A_RUN))
    with arena(options) as installation:
        installation.console("list")  # the first one fills the cache
        times = {
            "list": [time_of(installation, "list") for _ in range(options.runs)],
            "job types": [time_of(installation, "job", "types") for _ in range(options.runs)],
            "cron, starts the daemon": [time_of_first_cron(installation) for _ in range(options.runs)],
            "cron, daemon runs": [time_of(installation, "cron") for _ in range(options.runs)],
        }
    return Report(
        "boot",
        [
            Figure(words, "ms", values, raw, "ms for python -c pass", target=TARGETS.get(words, "")).against(raw)
            for words, values in times.items()
        ],
        [f"Each run is the median of {PROCESSES_A_RUN} processes, one for the cron that starts the daemon."],
    )


def time_of(installation: Installation, *words: str) -> float:
    """Milliseconds for a command, the middle of a few."""
    return median(time_once(installation, *words) for _ in range(PROCESSES_A_RUN))


def time_of_first_cron(installation: Installation) -> float:
    """Milliseconds for a `cron` that has to start the daemon."""
    installation.stop_job_manager()
    taken = time_once(installation, "cron")
    installation.wait_until(installation.processes, 30, "cron started no daemon")
    return taken


def time_once(installation: Installation, *words: str) -> float:
    """Milliseconds from the start of the process to its end."""
    started = time.perf_counter()
    finished = installation.console(*words)
    taken = (time.perf_counter() - started) * 1000
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {finished.returncode}: {finished.stderr}")
    return taken
