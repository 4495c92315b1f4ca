"""`schedules`: an installation with job types that can be scheduled, on a clock that a test sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.job_manager.scheduler import Scheduler
from core.testing import Installation
from tests.database_kinds import parametrize_kinds
from tests.databases import SQLITE, Servers

START = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
NODE = "here"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    parametrize_kinds(metafunc, "installation_kind")


class Schedules:
    """An installation without a daemon: a test makes schedules due, starts their jobs and ends them."""

    def __init__(self, installation: Installation, container: Any) -> None:
        self.installation = installation
        self.container = container
        self.entities = container.get("entityManager")
        self.queue = container.get("jobQueue")
        self.now = START
        self.monotonic = 1000.0
        self.scheduler = Scheduler(container)

    def pass_time(self, **duration: float) -> None:
        """Let time go by."""
        step = timedelta(**duration)
        self.now += step
        self.monotonic += step.total_seconds()

    def add(self, scheduling: str = "0 * * * *", **values: Any) -> Any:
        """Saves an active schedule of the type Tick, each hour."""
        schedule = self.entities.get_entity("ScheduledJob")
        schedule.set({"name": "tick", "type": "Tick", "scheduling": scheduling, "isActive": True, **values})
        self.entities.save_entity(schedule)
        return schedule

    def change(self, schedule: Any, **values: Any) -> None:
        """Reads a schedule again, and saves a change."""
        read = self.read(schedule)
        read.set(values)
        self.entities.save_entity(read)

    def read(self, schedule: Any) -> Any:
        """The schedule as it is stored now."""
        return self.entities.get_entity("ScheduledJob", schedule.id)

    def make_due(self) -> None:
        """What the job manager and `cron` do."""
        self.scheduler.make_all_due()

    def restart(self) -> None:
        """Another process begins to make schedules due."""
        self.scheduler = Scheduler(self.container)

    def jobs(self, schedule: Any) -> list[Any]:
        """The schedule's jobs in the order of their fire times."""
        found = self.entities.get_repository("Job").where({"scheduledJobId": schedule.id})
        return list(found.order("fireTime").find())

    def fires(self, schedule: Any) -> list[tuple[str, str]]:
        """Fire time, without the year, and status of the schedule's jobs."""
        return [(f"{job.get('fireTime'):%m-%d %H:%M}", job.get("status")) for job in self.jobs(schedule)]

    def start_due(self) -> list[Any]:
        """Starts what is due, as the job manager does; the runs."""
        database = self.container.get("connection")
        with database.read() as connection:
            candidates = self.queue.candidates(connection, 100)
        with database.write() as connection:
            claims = [(each, each.run_by("boot:1:1", 4242)) for each in candidates]
            return [run for run, _ in self.queue.start(connection, claims)]

    def end(self, run: Any, *, is_success: bool = True) -> None:
        """Ends a run."""
        from core.job_queue.run import Outcome

        with self.container.get("connection").write() as connection:
            self.queue.finish(connection, [Outcome(run, is_success=is_success, message=None)])


@pytest.fixture
def installation_database(installation_kind: str, servers: Servers, tmp_path: Path) -> Iterator[str | None]:
    """A database of the kind in turn, without rows."""
    with servers.new_installation_database(installation_kind, tmp_path) as url:
        yield None if installation_kind == SQLITE else url


@pytest.fixture
def schedules(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Schedules]:
    """No schedule yet, Monday 2026-03-02 08:30 UTC."""
    installation.add_job_type("Tick", "print('tick')", scheduledJob=True)
    schema = {"type": "object", "properties": {"source": {"enum": ["file", "web"]}}}
    installation.add_job_type("Import", "pass", scheduledJob=True, payloadSchema=schema, maxAttempts=3, priority=70)
    installation.add_job_type("Once", "pass", scheduledJob=True, unique=True)
    installation.add_job_type("Part", "pass")
    with installation.application() as application:
        made = Schedules(installation, application.container)
        monkeypatch.setattr(clock, "now", lambda: made.now)
        monkeypatch.setattr(clock, "monotonic", lambda: made.monotonic)
        yield made
