"""What the watchdog makes of rounds that fail, and of one that never ends."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.exceptions import DatabaseBusy, DatabaseError, DatabaseUnavailable
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.flags import HANG_FILE
from core.job_manager.watchdog import Watchdog
from tests.conformance.simulated_clock import SimulatedClock

HANGS = """\
import sys, time
from pathlib import Path
from core.job_manager import watchdog
from core.job_manager.daemon_lock import DaemonLock

watchdog.SILENT_SECONDS = 0.2
dog = watchdog.Watchdog(Path(sys.argv[1]), DaemonLock(Path(sys.argv[1])))
dog.begin()

def foreign_code():
    time.sleep(60)

foreign_code()
"""


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    simulated = SimulatedClock(datetime.now(UTC))
    simulated.rule(monkeypatch)
    simulated.let_pass(timedelta(days=1))
    return simulated


@pytest.fixture
def watchdog(tmp_path: Path, time: SimulatedClock) -> Watchdog:
    return Watchdog(tmp_path, DaemonLock(tmp_path))


def _fail_for(watchdog: Watchdog, time: SimulatedClock, seconds: int, error: Exception) -> None:
    for _ in range(seconds):
        watchdog.note_success()  # something else still works
        watchdog.note_failure("reading", error)
        watchdog.look_back()
        time.let_pass(timedelta(seconds=1))


def test_rounds_that_fail_for_a_minute_call_for_a_new_start(watchdog: Watchdog, time: SimulatedClock) -> None:
    _fail_for(watchdog, time, 59, DatabaseError("no such column: x"))
    assert not watchdog.wants_new_start()

    _fail_for(watchdog, time, 1, DatabaseError("no such column: x"))

    assert watchdog.wants_new_start()
    assert watchdog.trouble == "The database failed while reading: no such column: x"


@pytest.mark.parametrize("error", [DatabaseBusy("locked"), DatabaseUnavailable("away")])
def test_a_database_that_is_away_full_or_locked_is_waited_for(
    watchdog: Watchdog, time: SimulatedClock, error: Exception
) -> None:
    _fail_for(watchdog, time, 3600, error)

    assert not watchdog.wants_new_start()


def test_other_connections_are_tried_every_ten_seconds(watchdog: Watchdog, time: SimulatedClock) -> None:
    wants = []
    for _ in range(31):
        _fail_for(watchdog, time, 1, DatabaseUnavailable("away"))
        wants.append(watchdog.wants_fresh_connections())

    assert [second for second, wanted in enumerate(wants, start=1) if wanted] == [10, 20, 30]


def test_one_round_without_a_failure_ends_the_trouble(watchdog: Watchdog, time: SimulatedClock) -> None:
    _fail_for(watchdog, time, 61, DatabaseError("refused"))

    watchdog.note_success()
    watchdog.look_back()

    assert not watchdog.wants_new_start()
    assert not watchdog.wants_fresh_connections()


def test_a_second_in_which_nothing_was_tried_ends_nothing(watchdog: Watchdog, time: SimulatedClock) -> None:
    _fail_for(watchdog, time, 61, DatabaseError("refused"))

    watchdog.look_back()

    assert watchdog.wants_new_start()


def test_it_is_said_in_the_lock_file(tmp_path: Path) -> None:
    lock = DaemonLock(tmp_path)
    assert lock.acquire()
    watchdog = Watchdog(tmp_path, lock)

    watchdog.note_failure("reading", DatabaseError("no " + "x" * 10_000))
    lock.pulse()

    holder = lock.holder()
    assert holder is not None
    assert 0 <= holder.failing_seconds < 60
    assert holder.trouble.startswith("The database failed while reading: no xxx")
    lock.release()


def test_a_round_that_never_ends_ends_the_process_and_the_next_one_says_where_it_hung(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hung = subprocess.run([sys.executable, "-c", HANGS, str(tmp_path)], timeout=60, check=False)
    assert hung.returncode == 1

    successor = Watchdog(tmp_path, DaemonLock(tmp_path))
    with caplog.at_level(logging.ERROR, "atro"):
        successor.begin()

    assert "in foreign_code" in caplog.text
    successor.end()
    assert not (tmp_path / HANG_FILE).exists()
