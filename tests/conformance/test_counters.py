"""The counters of ended jobs, on every database."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from core import clock
from core.job_queue.counters import Count
from core.job_queue.run import Outcome, not_completed
from tests.conformance.conftest import Queue
from tests.database_kinds import parametrize_kinds


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize_kinds(metafunc, "database_kind")


def counts(queue: Queue) -> dict[tuple[str, str], int]:
    """What ended of late, by type and status."""
    return {(each.type, each.status): each.count for each in read(queue)}


def read(queue: Queue, **more: Any) -> list[Count]:
    now = clock.now()
    with queue.database.read() as connection:
        return queue.queue.counters.read(connection, now - timedelta(hours=1), now + timedelta(minutes=1), **more)


def test_ends_are_counted_by_type_and_status(queue: Queue) -> None:
    for job_type in ("A", "A", "A", "B"):
        queue.add(type=job_type)
    runs = queue.start(*queue.candidates())

    queue.finish(Outcome(runs[0], True), Outcome(runs[1], True))
    queue.finish(Outcome(runs[2], False, "It broke."), Outcome(runs[3], True))

    assert counts(queue) == {("A", "Success"): 2, ("A", "Failed"): 1, ("B", "Success"): 1}


def test_the_seconds_of_the_runs_are_added_up(queue: Queue) -> None:
    for _ in range(2):
        queue.add()
        run = queue.claim()
        queue.finish(Outcome(run, True, ended_at=run.began_at + timedelta(seconds=1.5)))

    assert [each.seconds for each in read(queue)] == [3.0]


def test_runs_are_counted_by_how_long_they_took(queue: Queue) -> None:
    for seconds in (0.05, 0.1, 4.0, 9000.0):
        queue.add()
        run = queue.claim()
        queue.finish(Outcome(run, True, ended_at=run.began_at + timedelta(seconds=seconds)))
    queue.set_status(queue.add(), "Canceled")  # it never ran
    canceled = queue.add()
    run = queue.claim()
    queue.set_status(canceled, "Canceled")
    queue.finish(Outcome(run, False, ended_at=run.began_at + timedelta(seconds=2)))

    for more in ({}, {"every_minutes": 60}):
        found = {each.status: each.run_times.within for each in read(queue, with_run_times=True, **more)}
        assert found == {"Success": (2, 2, 2, 3, 3, 3, 3, 3, 3, 4), "Canceled": (0, 0, 0, 1, 1, 1, 1, 1, 1, 1)}


def test_a_run_that_is_known_by_its_row_only_is_counted(queue: Queue) -> None:
    queue.add()
    queue.claim()
    with queue.database.read() as connection:
        [held] = queue.queue.held_runs(connection)

    queue.finish(not_completed(held.run, "Its process is gone."))

    assert [(each.type, each.status, each.count) for each in read(queue)] == [("NoSuchType", "Failed", 1)]


def test_a_run_that_is_tried_again_is_counted_as_such(queue: Queue) -> None:
    queue.add(attemptLimit=2)
    queue.finish(Outcome(queue.claim(), False, "It broke."))
    queue.finish(Outcome(queue.claim(), False, "It broke again."))

    assert counts(queue) == {("NoSuchType", "Pending"): 1, ("NoSuchType", "Failed"): 1}


def test_a_canceled_job_is_counted_once_whether_it_waits_or_runs(queue: Queue) -> None:
    waiting, running = queue.add(executeTime=clock.now() + timedelta(hours=1)), queue.add()
    run = queue.claim()

    queue.set_status(waiting, "Canceled")
    queue.set_status(running, "Canceled")
    late = Outcome(run, True, ended_at=run.began_at + timedelta(seconds=2))
    assert queue.finish(late) == [late]

    assert read(queue) == [Count(read(queue)[0].minute, "NoSuchType", "Canceled", 2, 2.0)]


def test_an_end_that_comes_twice_is_counted_once(queue: Queue) -> None:
    queue.add()
    run = queue.claim()

    queue.finish(Outcome(run, True))
    queue.finish(not_completed(run, "It is gone."))

    assert counts(queue) == {("NoSuchType", "Success"): 1}


def test_what_is_rolled_back_is_not_counted(queue: Queue) -> None:
    queue.add()
    run = queue.claim()

    with pytest.raises(ZeroDivisionError), queue.database.write() as connection:
        queue.queue.finish(connection, [Outcome(run, True)])
        raise ZeroDivisionError

    assert counts(queue) == {}


def test_rows_that_nobody_can_run_are_counted_as_failed(queue: Queue) -> None:
    adrift, unreadable = queue.add(), queue.add()
    queue.installation.execute("UPDATE job SET status = 'Running' WHERE id = ?", adrift)
    queue.installation.execute("UPDATE job SET attempt = 2147483647 WHERE id = ?", unreadable)

    with queue.database.write() as connection:
        queue.queue.close_adrift(connection)
        queue.queue.refuse(connection, queue.queue.candidates(connection, 10))

    assert counts(queue) == {("NoSuchType", "Failed"): 2}


def test_one_writer_adds_to_one_row(queue: Queue) -> None:
    for _ in range(3):
        queue.add()
        queue.finish(Outcome(queue.claim(), True))

    rows = queue.installation.query("SELECT id FROM job_counter")
    assert len(rows) == len(read(queue, every_minutes=1))


def test_nobody_waits_for_the_counter_of_somebody_else(queue: Queue) -> None:
    first, second = queue.add(), queue.add()

    def cancel_the_second() -> None:
        queue.set_status(second, "Canceled")

    with queue.entity_manager.transaction():
        queue.set_status(first, "Canceled")
        other = Thread(target=cancel_the_second)
        other.start()
        if queue.installation.is_on_server:  # SQLite has one writer at a time
            other.join()
    other.join()

    assert counts(queue) == {("NoSuchType", "Canceled"): 2}


def test_stretches_begin_at_multiples_of_their_length(queue: Queue) -> None:
    counters, start = queue.queue.counters, clock.from_text("2026-01-01 00:00:00")
    with queue.database.write() as connection:
        for minute in (0, 59, 60, 140):
            counters.add(connection, "A", "Success", 2, start + timedelta(minutes=minute))

    with queue.database.read() as connection:
        found = counters.read(connection, start, start + timedelta(minutes=140), every_minutes=60)

    hour = int(start.timestamp()) // 60
    assert found == [Count(hour, "A", "Success", 4, 0.0), Count(hour + 60, "A", "Success", 2, 0.0)]
