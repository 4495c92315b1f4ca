"""A process dies at each write and each commit of each path, one after another: after each the next one recovers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.job_manager.dead_jobs import close_dead_jobs
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.run import Cause, Outcome, Run
from core.job_queue.states import ENDED
from core.testing import Installation
from tests.conformance.conftest import Queue
from tests.conformance.mortal import dies_at, is_write, writes_of
from tests.conformance.mutants import STATEMENTS
from tests.databases import MARIADB, POSTGRESQL, SQLITE

JOBS = 3
LIMIT = 2
_MOST_POINTS = 500


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@dataclass
class World:
    """Some jobs, and a journal that outlives whoever writes into it."""

    queue: Queue
    journal: Path

    def say(self, *words: object) -> None:
        with self.journal.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def said(self, word: str) -> list[list[str]]:
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [line.split()[1:] for line in lines if line.split()[0] == word]

    def add(self) -> str:
        job_id = self.queue.add(attemptLimit=LIMIT)
        self.say("saved", job_id)
        return job_id

    def start(self, most: int = JOBS) -> list[Run]:
        """Claim, as this very process, and begin the jobs' code."""
        me = ProcessIdentity.current()
        candidates = self.queue.candidates(most)
        with self.queue.database.write() as connection:
            claims = [(each, each.run_by(str(me), me.pid)) for each in candidates]
            started = [run for run, _ in self.queue.queue.start(connection, claims)]
        for run in started:
            self.say("begun", run.job_id, run.attempt)
        return started

    def recover(self) -> None:
        """What `cron` does after a death, and then a manager that runs all that is left."""
        close_dead_jobs(self.queue.database, self.queue.queue, self.queue.installation.root)
        while runs := self.start():
            assert self.queue.finish(*(Outcome(run, True) for run in runs)) == []

    def check(self) -> None:
        """No job is lost, none runs one attempt twice or too often, and each has ended, with each attempt kept once."""
        rows = {row["id"]: row for row in self.queue.installation.query("SELECT * FROM job WHERE fire_time IS NULL")}
        attempts = self.queue.installation.query("SELECT job_id, attempt FROM job_attempt")
        begun = Counter((job_id, int(attempt)) for job_id, attempt in self.said("begun"))
        assert {job_id for (job_id,) in self.said("saved")} <= rows.keys()
        assert {row["status"] for row in rows.values()} <= {*ENDED}
        assert {row["run_process"] for row in rows.values()} <= {None}
        assert max(begun.values(), default=1) == 1
        assert all(attempt <= rows[job_id]["attempt"] for job_id, attempt in begun)
        assert all(row["attempt"] <= row["attempt_limit"] for row in rows.values())
        assert max(Counter((row["job_id"], row["attempt"]) for row in attempts).values(), default=1) == 1

    def forget(self) -> None:
        """For the next point."""
        for table in ("job", "job_attempt"):
            self.queue.installation.execute(f"DELETE FROM {table}")
        self.journal.unlink(missing_ok=True)


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """Nothing here loses power: no commit waits for the disk."""
    installation.write_config(database={"synchronous": "NORMAL"})
    return installation


@pytest.fixture
def world(queue: Queue, tmp_path: Path) -> World:
    queue.add()  # the tables are made at first use
    world = World(queue, tmp_path / "journal")
    world.forget()
    return world


# What is there before a path begins


def nothing(_world: World) -> None:
    pass


def waiting(world: World) -> list[str]:
    return [world.add() for _ in range(JOBS)]


def running(world: World) -> list[Run]:
    waiting(world)
    return world.start()


def canceled(world: World) -> list[Run]:
    """Canceled while they run."""
    runs = running(world)
    for run in runs:
        world.queue.set_status(run.job_id, "Canceled")
    return runs


def ended(world: World) -> list[str]:
    runs = running(world)
    world.queue.finish(*(Outcome(run, False, "no", cause=Cause(is_discarded=True)) for run in runs))
    return [run.job_id for run in runs]


def orphaned(world: World) -> None:
    """Running, by a process that is gone."""
    waiting(world)
    gone = os.fork()
    if gone == 0:
        world.start()
        os._exit(0)
    os.waitpid(gone, 0)


def adrift(world: World) -> None:
    """Running, and no process is named: bare SQL did it."""
    running(world)
    world.queue.installation.execute("UPDATE job SET run_process = NULL")


# The paths


def enqueue(world: World, _: Any) -> None:
    world.add()


def enqueue_many(world: World, _: Any) -> None:
    jobs = [world.queue.entity_manager.get_entity("Job") for _ in range(JOBS)]
    for job in jobs:
        job.set({"name": "x", "type": "NoSuchType", "attemptLimit": LIMIT})
    world.queue.entity_manager.save_entities(jobs)
    for job in jobs:
        world.say("saved", job.id)


def claim(world: World, _: Any) -> None:
    world.start()


def finish(world: World, runs: list[Run]) -> None:
    first, second, third = runs
    world.queue.finish(Outcome(first, True), Outcome(second, False, "no"), Outcome(third, True, "m", '{"a":1}'))


def fail(world: World, runs: list[Run]) -> None:
    world.queue.finish(*(Outcome(run, False, "no", cause=Cause(is_crash=True)) for run in runs))


def finish_and_claim(world: World, runs: list[Run]) -> None:
    """A round of the daemon: ends and starts in one transaction."""
    me = ProcessIdentity.current()
    world.add()
    candidates = world.queue.candidates()
    with world.queue.database.write() as connection:
        claims = [(each, each.run_by(str(me), me.pid)) for each in candidates]
        ends = [Outcome(run, True) for run in runs]
        _, started = world.queue.queue.end_and_start(connection, ends, claims)
    for run, _ in started:
        world.say("begun", run.job_id, run.attempt)


def cancel(world: World, things: list[Any]) -> None:
    job_id = getattr(things[0], "job_id", things[0])
    world.queue.set_status(job_id, "Canceled")
    world.say("canceled", job_id)


def retry(world: World, job_ids: list[str]) -> None:
    for job_id in job_ids:
        world.queue.set_status(job_id, "Pending")


def report(world: World, runs: list[Run]) -> None:
    world.queue.queue.report_progress(runs[0], '{"done":1}')
    world.queue.queue.store_checkpoint(runs[0], '{"done":1}')


def refuse(world: World, _: Any) -> None:
    """Rows that nobody can read."""
    with world.queue.database.write() as connection:
        world.queue.queue.refuse(connection, world.queue.queue.candidates(connection, JOBS))


def rescue(world: World, _: Any) -> None:
    close_dead_jobs(world.queue.database, world.queue.queue, world.queue.installation.root)


def take_back(world: World, runs: list[Run]) -> None:
    with world.queue.database.write() as connection:
        world.queue.queue.take_back(connection, runs[0])


def by_hand(world: World, job_ids: list[str]) -> None:
    me = ProcessIdentity.current()
    attempt = world.queue.row(job_ids[0])["attempt"] + 1
    run = Run(job_ids[0], attempt, attempt, str(me), me.pid)
    with world.queue.database.write() as connection:
        assert world.queue.queue.start_by_hand(connection, run, None)
    world.say("begun", run.job_id, run.attempt)
    world.queue.finish(Outcome(run, False, "no"))


def prune(world: World, job_ids: list[str]) -> None:
    repository = world.queue.entity_manager.get_repository("Job")
    with world.queue.entity_manager.transaction():
        for job_id in job_ids:
            repository.delete_from_db(job_id)


#: What is there, and what is done then.
PATHS: list[tuple[Callable[[World], Any], Callable[[World, Any], None]]] = [
    (nothing, enqueue),
    (nothing, enqueue_many),
    (waiting, claim),
    (waiting, cancel),
    (waiting, by_hand),
    (waiting, refuse),
    (running, finish),
    (running, fail),
    (running, finish_and_claim),
    (running, cancel),
    (running, report),
    (running, take_back),
    (canceled, finish),
    (orphaned, rescue),
    (adrift, rescue),
    (ended, retry),
    (ended, by_hand),
]


#: Whose statements are in other paths as well.
LIKE_OTHERS = [(nothing, enqueue_many), (waiting, by_hand)]


@pytest.mark.parametrize(
    ("before", "path"),
    [pytest.param(*each, marks=[pytest.mark.proof] if each in LIKE_OTHERS else []) for each in PATHS],
)
def test_whatever_a_process_dies_at_the_next_one_recovers(
    world: World, before: Callable[[World], Any], path: Callable[[World, Any], None]
) -> None:
    for point in range(1, _MOST_POINTS):
        has_died = dies_at(point, world.queue.database, lambda: before(world), lambda prepared: path(world, prepared))
        canceled_ids = [job_id for (job_id,) in world.said("canceled")]
        world.recover()
        world.check()
        assert all(world.queue.row(job_id)["status"] == "Canceled" for job_id in canceled_ids)
        world.forget()
        if not has_died:
            assert point > 1, "nothing was said to the database"
            return
    raise AssertionError(f"the path has over {_MOST_POINTS} points")


def test_a_process_dies_before_every_statement_that_changes_a_job(world: World, tmp_path: Path) -> None:
    """One that is new has to be on a path here."""
    queue, database = world.queue.queue, world.queue.database
    writing = {name: getattr(queue._statements, name) for name in STATEMENTS if name != "due_columns"}
    writing |= {"count of crashes": queue.attempts._count, "record of an attempt": queue.attempts._record}
    reached: set[str] = set()
    for number, (before, path) in enumerate(PATHS):
        notes = tmp_path / f"notes-{number}"
        reached |= writes_of(database, lambda: before(world), lambda prepared: path(world, prepared), notes)  # noqa: B023 - called at once
        world.recover()
        world.forget()

    missed = {name for name, each in writing.items() if is_write(str(each)) and str(each) not in reached}

    assert missed == set()


def test_jobs_are_pruned_all_together_or_not_at_all(world: World) -> None:
    """What was saved may be gone here, so the others' rules do not hold."""
    for point in range(1, _MOST_POINTS):
        has_died = dies_at(point, world.queue.database, lambda: ended(world), lambda ids: prune(world, ids))
        left = world.queue.installation.query("SELECT id FROM job WHERE fire_time IS NULL")
        kept = world.queue.installation.query("SELECT job_id FROM job_attempt")
        assert (len(left), len(kept)) in [(JOBS, JOBS), (0, 0)]
        world.forget()
        if not has_died:
            return
