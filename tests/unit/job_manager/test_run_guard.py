"""Who is asked to stop, and who is killed, and when."""

from __future__ import annotations

import os

import pytest

from core import clock
from core.job_manager.run_guard import Limits, RunGuard, limits_of


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(clock, "monotonic", standing)
    return standing


# Beside it, what the tests' own process takes and gives back meanwhile is little.
MUCH = 350 << 20


def watch(
    guard: RunGuard, timeout: float | None, grace: float, ran: float = 0, memory: float | None = None
) -> list[str]:
    done: list[str] = []
    guard.watch(
        "run",
        Limits(timeout, grace, memory),
        ask=lambda why, text: done.append(f"{why}: {text}"),
        kill=lambda because: done.append(f"kill: {because}"),
        pid=os.getpid(),
        ran_seconds=ran,
    )
    return done


def test_a_run_without_a_timeout_needs_no_look(time: Clock) -> None:
    guard = RunGuard()
    watch(guard, None, 10)

    assert guard.tend() is None


def test_a_canceled_run_is_asked_at_half_of_the_grace_and_killed_at_its_end(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, None, 10)
    guard.cancel("run")

    assert guard.tend() == pytest.approx(5)
    time.now += 5
    assert guard.tend() == pytest.approx(5)
    time.now += 5
    assert guard.tend() is None
    assert done == ["cancel: The job was canceled.", "kill: it was canceled and did not end within 10 s"]


def test_a_second_cancel_does_not_begin_anew(time: Clock) -> None:
    guard = RunGuard()
    watch(guard, None, 10)
    guard.cancel("run")
    time.now += 4
    guard.cancel("run")

    assert guard.tend() == pytest.approx(1)


def test_a_run_over_its_timeout_is_asked_at_once_and_killed_a_grace_later(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, 30, 10)

    assert guard.tend() == pytest.approx(30)
    time.now += 30
    assert guard.tend() == pytest.approx(10)
    time.now += 10
    guard.tend()
    assert done[0] == "timeout: The job ran into its timeout of 30 s."
    assert done[1].startswith("kill: ")


def test_what_a_run_has_used_of_its_timeout_before_counts(time: Clock) -> None:
    guard = RunGuard()
    watch(guard, 30, 10, ran=25)

    assert guard.tend() == pytest.approx(5)


def test_a_run_that_has_used_up_its_timeout_before_is_asked_first(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, 30, 10, ran=3600)

    assert guard.tend() == pytest.approx(10)
    assert done == ["timeout: The job ran into its timeout of 30 s."]


def test_a_run_that_is_over_is_left_alone(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, 1, 1)
    guard.forget("run")
    time.now += 60

    assert guard.tend() is None
    assert done == []


def test_a_timeout_that_asks_first_does_not_put_off_the_end_of_a_cancel(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, 30, 10)
    time.now += 26
    guard.cancel("run")  # asks at 31 and kills at 36; the timeout asks at 30, and kills at 40

    time.now += 4
    assert guard.tend() == pytest.approx(6)
    time.now += 6
    guard.tend()

    assert done == [
        "timeout: The job ran into its timeout of 30 s.",
        "kill: it was canceled and did not end within 10 s",
    ]


def test_a_cancel_that_comes_late_does_not_put_off_the_end_of_a_timeout(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, 30, 10)
    time.now += 30
    guard.tend()
    time.now += 5
    guard.cancel("run")

    assert guard.tend() == pytest.approx(5)
    time.now += 5
    guard.tend()

    assert done[1:] == ["kill: it did not end within 10 s after its timeout of 30 s"]


def test_a_run_over_its_memory_is_asked_at_once_and_killed_a_grace_later(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, None, 10, memory=200)
    taken = b"x" * MUCH
    guard.look_at_memory()

    assert guard.tend() == pytest.approx(10)
    del taken
    guard.look_at_memory()  # it is given up, whatever it gave back
    time.now += 10
    guard.tend()

    asked, killed = done
    assert asked.startswith("memory: The job took 3")
    assert asked.endswith("MiB, its type allows 200 MiB.")
    assert killed.startswith("kill: it took 3")
    assert killed.endswith("MiB, its type allows 200 MiB, and did not end within 10 s")


def test_a_run_over_twice_its_memory_is_killed_at_once_also_while_it_has_time_to_end(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, None, 10, memory=200)
    taken = [b"x" * MUCH]
    guard.look_at_memory()
    guard.tend()
    taken.append(b"x" * MUCH)
    guard.look_at_memory()

    assert guard.tend() is None
    assert [each.split(":")[0] for each in done] == ["memory", "kill"]
    assert done[1].endswith("MiB, its type allows 200 MiB")


def test_a_run_below_its_memory_is_left_alone(time: Clock) -> None:
    guard = RunGuard()
    done = watch(guard, None, 10, memory=500)
    taken = b"x" * MUCH
    guard.look_at_memory()

    assert guard.tend() is None
    assert (done, len(taken)) == ([], MUCH)


def test_limits_come_from_the_job_type_else_from_the_configuration() -> None:
    class Types(dict[str, object]):
        def get(self, key: list[str], default: object = None) -> object:  # type: ignore[override]  # as Metadata's
            slow = {"timeout": 30, "cancelGracePeriod": 2.5, "maxMemory": 500}
            return slow.get(key[-1]) if key[-2] == "Slow" else default

    assert limits_of(Types(), "Slow", 10) == Limits(30.0, 2.5, 500.0)
    assert limits_of(Types(), "Other", 10) == Limits(None, 10)
    assert limits_of(Types(), None, 10) == Limits(None, 10)
