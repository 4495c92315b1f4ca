"""How long an idle job manager takes from enqueue to the first line of the job."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.arena import arena, has_work_left, new_job, run_some_jobs
from benchmarks.options import Options
from benchmarks.raw_limit import beside_commits
from benchmarks.report import Figure, Report, Target

SAMPLES = 200
#: Median and 99th percentile, from the call of `save_entity` on.
MOST_MS = {"sqlite": (1.8, 5.0), "postgres": (2.5, 6.0)}

#: Long enough for the manager to come to rest, short enough for its processor caches to stay as they are in use.
REST_SECONDS = 0.02


@dataclass(frozen=True)
class Latency:
    """One job, in milliseconds to its code's first line."""

    from_before_save: float
    from_after_save: float


def measure(options: Options) -> Report:
    """Enqueues one job at a time; the raw limit is what the two commits that it takes cost at least."""
    runs, raw = beside_commits(options, lambda: measure_once(options))
    two_commits_ms = 2 / raw * 1000
    before = [[sample.from_before_save for sample in run] for run in runs]
    after = [[sample.from_after_save for sample in run] for run in runs]

    p50, p99 = (Target(most, "ms") for most in MOST_MS[options.db]) if options.db in MOST_MS else ("", "")

    def figure(name: str, values: list[float], target: Target | str = "") -> Figure:
        return Figure(name, "ms", values, two_commits_ms, "ms for two commits", target=target).against(two_commits_ms)

    return Report(
        "latency",
        [
            figure("save_entity called to job's first line, p50", [median(run) for run in before], p50),
            figure("  p99", [percentile_99(run) for run in before], p99),
            figure("save_entity returned to job's first line, p50", [median(run) for run in after]),
            figure("  p99", [percentile_99(run) for run in after]),
        ],
        [f"{SAMPLES} jobs a run, one at a time; the job manager idle before each."],
        options.db,
    )


def measure_once(options: Options) -> list[Latency]:
    """One new installation, warmed up, and its samples."""
    with arena(options) as installation:
        pipe_path = installation.data / "pipe"
        os.mkfifo(pipe_path)
        installation.start_job_manager()
        run_some_jobs(installation)
        with installation.application() as application, os.fdopen(os.open(pipe_path, os.O_RDWR)) as pipe:
            entities = application.container.get("entityManager")
            samples = []
            for _ in range(SAMPLES):
                job = new_job(entities, "Stamp", payload={"pipe": str(pipe_path)})
                called = time.monotonic_ns()
                entities.save_entity(job)
                returned = time.monotonic_ns()
                started = int(pipe.readline())
                samples.append(Latency((started - called) / 1e6, (started - returned) / 1e6))
                installation.wait_until(lambda: not has_work_left(installation))
                time.sleep(REST_SECONDS)
            return samples


def percentile_99(values: list[float]) -> float:
    """The value that one in a hundred exceeds."""
    return quantiles(values, n=100)[98]
