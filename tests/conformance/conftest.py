"""`installation` on each kind of database, and `queue`: the statements of the job queue, with no process that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.job_queue.candidate import Candidate
from core.job_queue.queue import JobQueue
from core.job_queue.run import Outcome, Run
from core.orm.prepared_statement import PreparedStatement
from core.testing import Installation
from tests.conformance.things import Things, things_in
from tests.databases import KINDS, SQLITE, Servers


class Queue:
    """A queue, and what a daemon does with it."""

    def __init__(self, installation: Installation, container: Any) -> None:
        self.installation = installation
        self.entity_manager = container.get("entityManager")
        self.database = container.get("connection")
        self.database.be_hasty(60)  # as the job manager, so that a round is sent together
        self.queue: JobQueue = container.get("jobQueue")
        self._metadata = container.get("metadata")

    def set_types(self, **types: dict[str, Any]) -> None:
        """Job types, before any job is saved."""
        for name, entry in types.items():
            self._metadata.set("app", "jobTypes", {name: entry})

    def new(self, **values: Any) -> Any:
        """A job that is not saved yet."""
        job = self.entity_manager.get_entity("Job")
        job.set({"name": "x", "type": "NoSuchType", **values})
        return job

    def add(self, **values: Any) -> str:
        """Saves a job."""
        job = self.new(**values)
        self.entity_manager.save_entity(job)
        return str(job.id)

    def add_many(self, count: int) -> None:
        """Saves jobs of three types and priorities, and lets the database count what it has."""
        jobs = [self.new(type="ABC"[number % 3], priority=(50, 100, 200)[number // 3 % 3]) for number in range(count)]
        self.entity_manager.save_entities(jobs)
        if self.database.engine.dialect.name == "postgresql":
            with self.database.write() as connection:
                connection.exec_driver_sql("ANALYZE job")

    def set_status(self, job_id: str, status: str) -> None:
        """Saves a job with another status."""
        job = self.entity_manager.get_entity("Job", job_id)
        job.set("status", status)
        self.entity_manager.save_entity(job)

    def candidates(self, most: int = 10) -> list[Candidate]:
        """The due jobs in order."""
        with self.database.read() as connection:
            return self.queue.candidates(connection, most)

    def start(self, *candidates: Candidate, process: str = "boot:1:1:1") -> list[Run]:
        """Starts them; the runs that began."""
        with self.database.write() as connection:
            _, started = self.queue.end_and_start(
                connection, [], [(each, each.run_by(process, 1)) for each in candidates]
            )
        return [run for run, _ in started]

    def claim(self, process: str = "boot:1:1:1") -> Run:
        """Starts the first due job."""
        (run,) = self.start(*self.candidates(1), process=process)
        return run

    def finish(self, *outcomes: Outcome) -> list[Outcome]:
        """Ends them; the outcomes that were refused."""
        with self.database.write() as connection:
            return self.queue.end_and_start(connection, outcomes, [])[0]

    def plan_of(self, statement: PreparedStatement, **values: Any) -> str:
        """How the database would go about a statement on a table of many rows."""
        kind, parameters = self.database.engine.dialect.name, tuple(statement.positional(values))
        explain = "EXPLAIN QUERY PLAN" if kind == "sqlite" else "EXPLAIN"
        with self.database.write() as connection:
            if kind == "postgresql":
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            return str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())

    def row(self, job_id: str) -> dict[str, Any]:
        """The row as it is now."""
        return self.installation.job(job_id)


@pytest.fixture
def installation_database(database_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str]:
    """Each kind of database in turn, without rows."""
    with servers.new_installation_database(database_kind, tmp_path) as url:
        yield url


@pytest.fixture(scope="session", params=KINDS)
def things(request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: Any) -> Iterator[Things]:
    """A hundred things on each kind of database; nobody changes them."""
    folder = tmp_path_factory.mktemp("things")
    with (
        servers.new_database(request.param, folder) as url,
        things_in(folder, None if request.param == SQLITE else url) as made,
    ):
        yield made


@pytest.fixture
def queue(installation: Installation) -> Iterator[Queue]:
    """An empty queue."""
    with installation.application() as application:
        yield Queue(installation, application.container)
