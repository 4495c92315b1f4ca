"""Three schedulers, each in a process of its own and with its own clock: each fire time has one job all the same."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

import core.job_manager.scheduler as scheduler_file
from core import clock
from core.application import Application
from core.exceptions import DatabaseBusy
from core.job_manager.scheduler import Scheduler
from core.testing import Installation
from tests.conformance.schedules.mixed_schedules import ZONES, MixedSchedule, jobs_of_fires, save
from tests.databases import MARIADB, POSTGRESQL, SQLITE

# No fire time lies so near that a clock which is behind would count it as later.
BEGIN = datetime(2027, 1, 1, 0, 0, 30, tzinfo=UTC)
END = BEGIN + timedelta(hours=1)
#: How many seconds each clock is ahead, and how much faster it is: together more than what a scheduler puts up with.
CLOCKS = ((0.0, 1.0), (2.5, 1.0005), (-2.5, 0.9995))
#: In which minute which of them is killed; it starts again at once.
KILLS = ((12, 0), (24, 1), (36, 2))
EXPRESSIONS = ("* * * * *", "* * * * *", "*/2 * * * *", "*/5 * * * *", "7,37 * * * *", "13-50/9 * * * *")
#: So much of the hour goes by in a millisecond or more, while anybody has been at work in the last twenty minutes.
STEP_SECONDS, LONGEST_ABSENCE_SECONDS = 2.0, 1200.0
_PAUSE_SECONDS = 0.001
# New processes, forked from one that has loaded what they need.
_FORK_SERVER = multiprocessing.get_context("forkserver")
_FORK_SERVER.set_forkserver_preload(["core.application", "core.job_manager.scheduler"])


@dataclass(frozen=True)
class Racer:
    """One of the three, and the clock of its scheduler. `passed` and `was_at_work` are seconds of the hour, shared."""

    root: Path
    ahead_seconds: float
    speed: float
    passed: Any
    was_at_work: Any

    def start(self) -> ForkServerProcess:
        """Begin in a new process."""
        self.was_at_work.value = -math.inf
        process = _FORK_SERVER.Process(target=self.run)
        process.start()
        return process

    def run(self) -> None:
        """Make schedules due until the hour is over."""
        # Of its scheduler alone: deadlines of locks stay on the real clock.
        scheduler_file.clock = self  # type: ignore[assignment]  # it has what the scheduler asks for
        with Application(self.root) as application:
            scheduler = Scheduler(application.container)
            while self.now() < END:
                passed = self.passed.value
                with suppress(DatabaseBusy):  # the daemon as well does it again
                    scheduler.tend()
                self.was_at_work.value = passed
                time.sleep(_PAUSE_SECONDS)
            scheduler.make_all_due()
            self.was_at_work.value = math.inf

    def now(self) -> datetime:
        """As in `core.clock`."""
        return BEGIN + timedelta(seconds=self.monotonic() + self.ahead_seconds)

    def monotonic(self) -> float:
        """As in `core.clock`."""
        return float(self.passed.value) * self.speed

    def is_at_work(self) -> bool:
        """Whether it has made schedules due lately."""
        return bool(self.was_at_work.value >= self.passed.value - LONGEST_ABSENCE_SECONDS)


class Race:
    """The three, and the hour that passes for them."""

    def __init__(self, root: Path) -> None:
        self._passed = _FORK_SERVER.RawValue("d", 0.0)
        self._racers = [Racer(root, *each, self._passed, _FORK_SERVER.RawValue("d", 0.0)) for each in CLOCKS]
        self._processes = [racer.start() for racer in self._racers]

    def go_on_until(self, minute: float) -> None:
        """Let time pass; at its end all three are at work."""
        while self._passed.value < minute * 60:
            self._wait_until(lambda: any(racer.is_at_work() for racer in self._racers))
            self._passed.value += STEP_SECONDS
            time.sleep(_PAUSE_SECONDS)
        self._wait_until(lambda: all(racer.is_at_work() for racer in self._racers))

    def kill(self, number: int) -> None:
        """Kill one of them with no warning, and start it again."""
        self._processes[number].kill()
        self._processes[number].join()
        self._processes[number] = self._racers[number].start()

    def end(self) -> None:
        """Let the hour end on everybody's clock."""
        self._passed.value += 60
        for process in self._processes:
            process.join(60)
        assert [process.exitcode for process in self._processes] == [0, 0, 0]

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        def is_over() -> bool:
            return condition() or any(process.exitcode for process in self._processes)

        assert clock.wait_until(is_over, 60, every_seconds=_PAUSE_SECONDS)
        assert condition(), "a scheduler ended with an error"

    def stop(self) -> None:
        """Leave no process behind."""
        for process in self._processes:
            process.kill()
            process.join()


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.fixture
def schedules(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> list[MixedSchedule]:
    """Schedules that fire thousands of times in the hour."""
    zones = (ZONES * 6)[:60]
    made = [
        MixedSchedule(f"s{number}", EXPRESSIONS[number % len(EXPRESSIONS)], zone, 0, BEGIN)
        for number, zone in enumerate(zones)
    ]
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: BEGIN)
        save(installation, made)
    return made


@pytest.mark.parametrize(
    "kills", [pytest.param((), marks=pytest.mark.proof), KILLS], ids=["all live", "each is killed"]
)
def test_three_schedulers_make_one_job_for_each_fire_time(
    installation: Installation, schedules: list[MixedSchedule], kills: Sequence[tuple[int, int]]
) -> None:
    race = Race(installation.root)
    try:
        for minute, number in kills:
            race.go_on_until(minute)
            race.kill(number)
        race.go_on_until(60)
        race.end()
    finally:
        race.stop()

    expected = sorted(fire for each in schedules for fire in each.fires(BEGIN, END))
    with installation.application() as application:
        assert jobs_of_fires(application, END) == expected
