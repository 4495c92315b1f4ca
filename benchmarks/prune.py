"""How long others wait while a million old jobs are cleared away."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.arena import arena, new_job
from benchmarks.job_rows import add_ended_jobs
from benchmarks.latency import percentile_99
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target
from benchmarks.rows import analyze
from core import clock
from core.application import Application
from core.orm.column_types import to_moment
from core.testing import Installation

LONGEST = Target(100, "ms")
WRITERS = 2
PAUSE_SECONDS = 0.005
#: Longer ago than a job is kept, and than a removed one is.
DAYS_AGO = 100.0
LEFT = "SELECT sum(CASE WHEN deleted THEN 1 ELSE 0 END) AS removed, count(*) AS jobs FROM job WHERE type = 'Bygone'"
CLEARING = (
    "SELECT sum(CASE WHEN status IN ('Success', 'Failed', 'Canceled') THEN 0 ELSE 1 END) AS live, count(*) AS jobs,"
    " min(started_at) AS began, max(ended_at) AS ended FROM job WHERE type = 'ClearEntity'"
)


@dataclass(frozen=True)
class Pruned:
    """Rows a second, and what each save took, in milliseconds: with nothing to clear, and while it was cleared."""

    rate: float
    alone: list[float]
    beside: list[float]


def measure(options: Options) -> Report:
    """`ClearEntities` with `options.rows` jobs to clear, half to be removed, half to be deleted for good.

    Two processes enqueue meanwhile, and the job manager runs what they enqueue.
    """
    runs = [prune_once(options) for _ in range(options.runs)]
    alone = max(max(run.alone) for run in runs)
    return Report(
        "prune",
        [
            Figure(
                "longest save beside it",
                "ms",
                [max(run.beside) for run in runs],
                raw_unit="ms, longest without",
                target=LONGEST,
            ).against(alone),
            Figure("  99 of 100", "ms", [percentile_99(run.beside) for run in runs], raw_unit="ms without").against(
                max(percentile_99(run.alone) for run in runs)
            ),
            Figure("cleared", "rows/s", [run.rate for run in runs]),
        ],
        [f"{options.rows:,} jobs, half to be removed, half removed long ago; {WRITERS} processes enqueue meanwhile."],
        options.db,
    )


def prune_once(options: Options) -> Pruned:
    """One new installation; RuntimeError unless just the old jobs are gone."""
    old = options.rows // 2
    with arena(options) as installation:
        fill(installation, old)
        installation.start_job_manager()
        with writers(installation) as alone:
            time.sleep(options.seconds)
        with writers(installation) as beside:
            with installation.application() as application:
                entities = application.container.get("entityManager")
                entities.save_entity(new_job(entities, "ClearEntities"))
            installation.wait_until(lambda: has_cleared(installation), 3600, "the jobs were not cleared")
        [left], [clearing] = installation.query(LEFT), installation.query(CLEARING)
        if (left["removed"], left["jobs"]) != (old, old + old // 10):
            raise RuntimeError(f"Of the old jobs {left['removed']} are removed, {left['jobs']} are there.")
        seconds = (to_moment(clearing["ended"]) - to_moment(clearing["began"])).total_seconds()
        return Pruned(2 * old / seconds, alone, beside)


def fill(installation: Installation, old: int) -> None:
    """So many ended jobs that are to be removed, as many removed long ago, and a tenth that stay."""
    with installation.application() as application:
        container = application.container
        job = container.get("schema").table("Job")
        with container.get("connection").write() as connection:
            long_ago = dict.fromkeys(("created_at", "modified_at"), clock.now() - timedelta(days=DAYS_AGO))
            add_ended_jobs(connection, job, old, mark="0001", type="Bygone", **long_ago)
            add_ended_jobs(connection, job, old, mark="0002", type="Bygone", deleted=True, **long_ago)
            add_ended_jobs(connection, job, old // 10, mark="0003", days=1, type="Bygone")
        analyze(container)


def has_cleared(installation: Installation) -> bool:
    """Whether the jobs of ClearEntities have ended."""
    [found] = installation.query(CLEARING)
    return bool(found["jobs"]) and not found["live"]


@contextmanager
def writers(installation: Installation) -> Iterator[list[float]]:
    """While the body runs, processes save jobs; the list has the milliseconds of each save afterwards."""
    taken: list[float] = []
    stop = installation.data / "writers-stop"
    ready = [installation.data / f"writer-{number}-is-ready" for number in range(WRITERS)]
    for note in (stop, *ready):
        note.unlink(missing_ok=True)
    with ProcessPoolExecutor(WRITERS, multiprocessing.get_context("spawn")) as pool:
        found: list[Future[list[float]]] = [pool.submit(save_jobs, installation.root, note, stop) for note in ready]
        try:
            installation.wait_until(lambda: all(note.exists() for note in ready), 60, "the writers did not begin")
            yield taken
        finally:
            stop.touch()
        for each in found:
            taken += each.result()


def save_jobs(root: Path, ready: Path, stop: Path) -> list[float]:
    """Saves jobs one by one until there is a file `stop`, makes `ready` after the first; milliseconds of all others."""
    taken = []
    with Application(root) as application:
        entities = application.container.get("entityManager")
        while not stop.exists():
            job = new_job(entities, "NoOp")
            began = time.perf_counter()
            entities.save_entity(job)
            taken.append((time.perf_counter() - began) * 1000)
            ready.touch()
            time.sleep(PAUSE_SECONDS)
    return taken[1:]
