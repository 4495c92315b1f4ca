"""The installation in which a benchmark runs."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.databases import wanted_database
from benchmarks.options import Options
from core.testing import Installation

MODULE = Path(__file__).parent / "Bench"

#: Answers at once from two small indexes, so that looking does not slow down what is looked at.
ANYTHING_LEFT = """
    SELECT EXISTS (SELECT 1 FROM job WHERE status = 'Pending' AND fire_time IS NULL)
        OR EXISTS (SELECT 1 FROM job WHERE run_process IS NOT NULL) AS yes
"""


@contextmanager
def arena(options: Options) -> Iterator[Installation]:
    """An installation with the module Bench, gone afterwards with all its processes and its database."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-", dir=options.folder) as place,
        wanted_database(options.db, options.folder) as url,
    ):
        installation = Installation(Path(place), None if options.db == "sqlite" else url)
        shutil.copytree(MODULE, installation.modules / MODULE.name)
        installation.write_config(maxConcurrentWorkers=options.workers, database={"synchronous": options.synchronous})
        try:
            yield installation
        finally:
            installation.kill_everything()


@contextmanager
def all_workers_blocked(installation: Installation, options: Options) -> Iterator[None]:
    """Every worker runs a Gate job when the body begins; they all go on when it ends."""
    blocked_before = count_running(installation) if installation.has_daemon() else 0
    with shut_gate(installation.data, "gate") as gate:
        with installation.application() as application:
            entities = application.container.get("entityManager")
            for number in range(options.workers):
                entities.save_entity(
                    new_job(entities, "Gate", name=f"Gate {number}", priority=1000, payload={"gate": str(gate)})
                )
        installation.start_job_manager()
        installation.wait_until(
            lambda: count_running(installation) == blocked_before + options.workers,
            30,
            "not all workers came up and took a gate job",
        )
        yield


@contextmanager
def shut_gate(folder: Path, name: str) -> Iterator[Path]:
    """A file whose lock a job can wait for, until the body ends."""
    gate = folder / name
    with gate.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield gate


def new_job(entities, type_name: str, **values: object):
    """An unsaved Job of a type of the module Bench."""
    job = entities.get_entity("Job")
    job.set({"name": type_name, "type": type_name, **values})
    return job


def count_running(installation: Installation) -> int:
    """How many rows stand at Running."""
    return installation.query("SELECT count(*) AS n FROM job WHERE status = 'Running'")[0]["n"]


def has_work_left(installation: Installation) -> bool:
    """Whether any job waits or runs, but for those that wait for the time of their schedule."""
    return bool(installation.query(ANYTHING_LEFT)[0]["yes"])


def wait_until_done(installation: Installation, timeout: float = 300) -> None:
    """Returns when no job waits or runs any more."""
    installation.wait_until(lambda: not has_work_left(installation), timeout, "the jobs did not end")


def run_some_jobs(installation: Installation, count: int = 200) -> None:
    """Lets every worker run something, so that what comes next is measured warm."""
    with installation.application() as application:
        entities = application.container.get("entityManager")
        entities.save_entities([new_job(entities, "NoOp") for _ in range(count)])
    wait_until_done(installation)


def roles(installation: Installation) -> tuple[psutil.Process, psutil.Process, list[psutil.Process]]:
    """The daemon, the parent of the workers, and the workers: grandparent, parent and children."""
    processes = {process.pid: process for process in installation.processes()}
    [daemon] = [process for process in processes.values() if process.ppid() not in processes]
    [parent] = [process for process in processes.values() if process.ppid() == daemon.pid]
    return daemon, parent, [process for process in processes.values() if process.ppid() == parent.pid]
