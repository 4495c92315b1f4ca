"""What every database must do where it is decided whether a job of a limited type may start."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.job_queue.candidate import Candidate
from core.job_queue.pause import EVERYTHING, Pause
from core.job_queue.run import Outcome, Run
from tests.conformance.conftest import Queue
from tests.conformance.simulated_clock import SimulatedClock

PAUSE = Pause("ada", datetime(2026, 1, 1, tzinfo=UTC), "moving the disk")


def started(queue: Queue, *processes: str) -> list[str]:
    """The jobs that start where these processes take what is due now."""
    candidates = queue.candidates(len(processes))
    claims = [(each, each.run_by(process, 1)) for each, process in zip(candidates, processes, strict=False)]
    with queue.database.write() as connection:
        return [run.job_id for run, _ in queue.queue.start(connection, claims)]


def test_what_was_read_before_others_started_is_not_started_over_the_limit(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 2})
    jobs = [queue.add(type="Few") for _ in range(4)]
    seen_by_both = queue.candidates()

    first = queue.start(seen_by_both[0])
    second = queue.start(*seen_by_both[1:], process="boot:1:2:2")

    assert [run.job_id for run in (*first, *second)] == jobs[:2]
    assert [queue.row(job_id)["status"] for job_id in jobs] == ["Running"] * 2 + ["Pending"] * 2


def test_two_claimers_at_once_never_exceed_a_limit(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 3}, ByOne={"concurrencyKey": "{who}"})
    few = [queue.add(type="Few") for _ in range(12)]
    by_one = [queue.add(type="ByOne", payload={"who": number % 2}) for number in range(12)]
    candidates = [Candidate(queue.row(job_id)) for job_id in (*few, *by_one)]
    begin = threading.Barrier(4)

    def claim(number: int) -> None:
        begin.wait()
        for candidate in candidates:
            with queue.database.write() as connection:
                queue.queue.start(connection, [(candidate, candidate.run_by(f"boot:1:{number}:1", number))])

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    running = [each["id"] for each in queue.installation.query("SELECT id FROM job WHERE status = 'Running'")]
    assert len(set(running) & set(few)) == 3
    assert len(set(running) & set(by_one)) == 2


def test_a_canceled_run_counts_until_its_process_is_gone(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 1})
    queue.add(type="Few")
    run = queue.claim()
    waiting = queue.add(type="Few")
    queue.set_status(run.job_id, "Canceled")

    assert queue.candidates() == []
    queue.finish(Outcome(run, True))
    assert [each.job_id for each in queue.candidates()] == [waiting]


def test_a_run_by_hand_is_not_refused_and_counts(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 1})
    first, by_hand, waiting = (queue.add(type="Few") for _ in range(3))
    run = queue.claim()
    with queue.database.write() as connection:
        assert queue.queue.start_by_hand(connection, Run(by_hand, 1, 1, "boot:1:9:9", 9), None)
    queue.finish(Outcome(run, True))

    assert run.job_id == first
    assert queue.candidates() == []
    queue.finish(Outcome(Run(by_hand, 1, 1, "boot:1:9:9", 9), True))
    assert [each.job_id for each in queue.candidates()] == [waiting]


def test_a_rate_lets_so_many_start_in_its_window(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    time = SimulatedClock(datetime(2027, 1, 1, tzinfo=UTC))
    time.rule(monkeypatch)
    queue.set_types(Rated={"rateLimit": "2/minute"})
    jobs = [queue.add(type="Rated") for _ in range(5)]
    other = queue.add(priority=1)

    assert started(queue, *(f"boot:1:{number}:1" for number in range(1, 7))) == [*jobs[:2], other]
    with queue.database.read() as connection:
        ahead = queue.queue.read_ahead(connection, 10)
    assert ahead.candidates == []
    assert 60 <= (ahead.look_again_seconds or 0) <= 62
    time.let_pass(timedelta(seconds=ahead.look_again_seconds or 0))
    assert started(queue, *(f"boot:1:{number}:1" for number in range(11, 16))) == jobs[2:4]


def test_an_attempt_is_a_start_and_one_by_hand_too(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    SimulatedClock(datetime(2027, 1, 1, tzinfo=UTC)).rule(monkeypatch)
    queue.set_types(Rated={"rateLimit": "3/day"})
    job_id = queue.add(type="Rated", attemptLimit=5)
    for _ in range(2):
        queue.finish(Outcome(queue.claim(), False, "no"))
    with queue.database.write() as connection:
        queue.queue.start_by_hand(connection, Run(job_id, 3, 3, "boot:1:9:9", 9, type="Rated"), None)
    queue.add(type="Rated")

    assert queue.candidates() == []


def test_a_paused_type_waits_and_says_by_whom(queue: Queue) -> None:
    waiting, other = queue.add(type="A"), queue.add(type="B")
    with queue.database.write() as connection:
        assert queue.queue.states.pause(connection, "A", PAUSE) is PAUSE
    with queue.database.write() as connection:
        again = queue.queue.states.pause(connection, "A", Pause("bob", PAUSE.since, None))
        assert queue.queue.states.pauses(connection) == {"A": again} == {"A": PAUSE}

    assert [each.job_id for each in queue.candidates()] == [other]
    with queue.database.write() as connection:
        assert queue.queue.states.resume(connection, "A")
        assert not queue.queue.states.resume(connection, "A")
    assert [each.job_id for each in queue.candidates()] == [waiting, other]


def test_a_paused_type_with_a_limit_is_not_started_though_it_was_read_before(queue: Queue) -> None:
    queue.set_types(Few={"maxConcurrent": 1})
    queue.add(type="Few")
    read = queue.candidates()
    with queue.database.write() as connection:
        queue.queue.states.pause(connection, "Few", PAUSE)

    assert queue.start(*read) == []


def test_everything_is_paused_at_once(queue: Queue) -> None:
    queue.add()
    with queue.database.write() as connection:
        queue.queue.states.pause(connection, EVERYTHING, PAUSE)

    assert queue.candidates() == []
