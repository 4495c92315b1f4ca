"""Months and years that pass in seconds: each fire time of each schedule has one job."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.application import Application
from core.job_manager.scheduler import Scheduler
from core.testing import Installation
from tests.conformance.schedules.mixed_schedules import MixedSchedule, jobs_of_fires, mixed_schedules, save
from tests.conformance.simulated_clock import SimulatedClock
from tests.databases import MARIADB, POSTGRESQL, SQLITE

# Later than the files of the installation, whose age somebody looks at.
BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Of what fires each minute no more is missed than the hundred times that are made up for.
LONGEST_ABSENCE = timedelta(minutes=90)
FORTNIGHT = (25, timedelta(days=14))
MONTH = (40, timedelta(days=31))
YEAR = (500, timedelta(days=365))


class History:
    """A scheduler to which everything happens that happens to a server in a year."""

    def __init__(self, installation: Installation, clock: SimulatedClock, seed: int) -> None:
        self._installation = installation
        self._clock = clock
        self._chance = random.Random(seed)
        self._boot()

    def go_on_until(self, end: datetime) -> None:
        """From fire time to fire time, or past some of them, until all has been planned that is due by then."""
        while self._clock.now() < end:
            self._let_time_pass()
            self._let_something_happen()
            self.look()

    def watch_until(self, end: datetime) -> None:
        """From fire time to fire time, with a scheduler that is always there."""
        while self._clock.now() < end:
            self._let_pass_until_next_fire()
            self.look()

    def look(self) -> None:
        """The scheduler makes its round."""
        self._scheduler.make_all_due()

    def rename(self, schedule_id: str) -> None:
        """A person changes a schedule."""
        entity_manager = self._application.container.get("entityManager")
        schedule = entity_manager.get_entity("ScheduledJob", schedule_id)
        schedule.set("name", "another name")
        entity_manager.save_entity(schedule)

    def close(self) -> None:
        """The end of it."""
        self._application.close()

    def _boot(self) -> None:
        self._application = Application(self._installation.root)
        self._queue = self._application.container.get("jobQueue")
        self._database = self._application.container.get("connection")
        self._scheduler = Scheduler(self._application.container)
        self.look()

    def _let_time_pass(self) -> None:
        if self._chance.random() < 0.75:
            self._clock.let_pass(LONGEST_ABSENCE * self._chance.random())
        else:
            self._let_pass_until_next_fire()

    def _let_pass_until_next_fire(self) -> None:
        with self._database.read() as connection:
            fire_time = self._queue.schedules.next_fire_at(connection, self._clock.now())
        self._clock.let_pass_until(fire_time)

    def _let_something_happen(self) -> None:
        draw = self._chance.random()
        if draw < 0.004:
            self._clock.set(self._clock.now() + HOUR * self._chance.uniform(-1, 1))
        elif draw < 0.008:
            self._scheduler = Scheduler(self._application.container)
        elif draw < 0.009:
            self._application.close()
            self._boot()
        elif draw < 0.02:
            self._run_what_is_due()

    def _run_what_is_due(self) -> None:
        """Jobs whose time has come are over; by bare SQL, as how jobs run is not what is tried."""
        job = self._application.container.get("schema").table("Job")
        is_due = (job.c.status == "Pending", job.c.execute_time <= self._clock.now())
        with self._database.write() as connection:
            connection.execute(update(job).where(*is_due).values(status="Success", attempt=1))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    """Everybody's clock in this process."""
    simulated = SimulatedClock(BEGIN)
    simulated.rule(monkeypatch)
    return simulated


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.mark.parametrize(("count", "span"), [FORTNIGHT, pytest.param(*MONTH, marks=pytest.mark.proof)])
def test_each_fire_time_has_one_job(
    installation: Installation, clock: SimulatedClock, count: int, span: timedelta
) -> None:
    _live_through(installation, clock, count, span)


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.only_sqlite("the month is tried on servers")
def test_each_fire_time_of_a_year_has_one_job(tmp_path: Path, clock: SimulatedClock) -> None:
    _live_through(Installation(tmp_path / "year"), clock, *YEAR)


def _live_through(installation: Installation, clock: SimulatedClock, count: int, span: timedelta) -> None:
    installation.write_config(database={"synchronous": "NORMAL"})
    schedules = mixed_schedules(count, BEGIN, span)
    save(installation, schedules)
    history = History(installation, clock, seed=1)
    history.go_on_until(BEGIN + span)
    history.close()

    expected = sorted(fire for each in schedules for fire in each.fires(BEGIN, BEGIN + span))
    with installation.application() as application:
        assert jobs_of_fires(application, BEGIN + span) == expected


@pytest.mark.parametrize(
    "catch_up", [*(pytest.param(each, marks=pytest.mark.proof) for each in ("last", "none")), "all"]
)
def test_a_clock_that_is_years_ahead_for_a_minute_costs_no_run(
    installation: Installation, clock: SimulatedClock, catch_up: str
) -> None:
    schedules = mixed_schedules(25, BEGIN, DAY)
    save(installation, schedules, catch_up)
    history = History(installation, clock, seed=1)
    history.watch_until(BEGIN + 6 * HOUR)

    before = clock.now()
    clock.set(datetime(2038, 1, 19, tzinfo=UTC))
    history.look()
    clock.let_pass(MINUTE)
    history.look()
    clock.set(before + MINUTE)
    history.look()
    history.watch_until(BEGIN + DAY)
    history.close()

    expected = sorted(fire for each in schedules for fire in each.fires(BEGIN, BEGIN + DAY))
    with installation.application() as application:
        assert jobs_of_fires(application, BEGIN + DAY) == expected


def test_a_change_repeats_no_run_whose_job_was_deleted_long_ago(
    installation: Installation, clock: SimulatedClock
) -> None:
    save(installation, [MixedSchedule("monthly", "0 12 1 * *", "UTC", 0, BEGIN)])
    history = History(installation, clock, seed=1)
    history.watch_until(BEGIN + 80 * DAY)
    installation.execute("DELETE FROM job WHERE fire_time < '2027-04-20'")

    history.rename("monthly")
    history.look()
    history.close()

    with installation.application() as application:
        assert jobs_of_fires(application, clock.now()) == []
