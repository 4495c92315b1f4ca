"""Taking turns to write, between threads and processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.exceptions import DatabaseBusy, DatabaseError
from core.orm.write_turn import WriteTurn

HOLD = """
import sys
from pathlib import Path
from core.orm.write_turn import WriteTurn
turn = WriteTurn(Path(sys.argv[1]), 5)
turn.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.turn"


def hold(file: Path) -> subprocess.Popen[bytes]:
    """Another process that has the turn until its input is closed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def let_go(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=10)


def test_a_turn_is_taken_and_given_back(file: Path) -> None:
    turn, other = WriteTurn(file, 1), WriteTurn(file, 1)
    turn.acquire()

    assert turn.is_held
    assert not other.try_acquire()
    turn.release()
    assert other.try_acquire()
    other.close()


@pytest.mark.parametrize("take", [WriteTurn.acquire, WriteTurn.try_acquire])
def test_a_lock_file_that_cannot_be_opened_is_told_and_asked_for_again(
    file: Path, take: Callable[[WriteTurn], object]
) -> None:
    turn = WriteTurn(file, 0.05)
    file.mkdir()

    with pytest.raises(DatabaseError, match=f"cannot be written to: {file}: Is a directory"):
        take(turn)
    file.rmdir()
    take(turn)

    assert turn.is_held
    turn.close()


def test_who_waits_too_long_is_told_so(file: Path) -> None:
    process = hold(file)

    with pytest.raises(DatabaseBusy, match="keeping a transaction open"):
        WriteTurn(file, 0.05).acquire()
    let_go(process)


def test_who_waits_gets_it_when_the_other_process_dies(file: Path) -> None:
    process = hold(file)
    process.kill()
    process.communicate(timeout=10)
    turn = WriteTurn(file, 10)

    turn.acquire()

    assert turn.is_held
    turn.close()


def test_a_turn_can_be_queued_for_without_waiting(file: Path) -> None:
    process, granted = hold(file), threading.Event()
    turn = WriteTurn(file, 1)
    turn.acquire_soon(granted.set)

    assert not turn.take_granted()
    let_go(process)
    assert granted.wait(10)
    assert turn.take_granted()
    assert turn.is_held
    turn.close()


def test_who_leaves_the_queue_gives_back_a_turn_that_has_come(file: Path) -> None:
    process, granted = hold(file), threading.Event()
    turn, other = WriteTurn(file, 1), WriteTurn(file, 10)
    turn.acquire_soon(granted.set)
    let_go(process)
    granted.wait(10)

    turn.stop_waiting()

    other.acquire()
    other.close()


def test_a_thread_that_waits_in_vain_takes_nothing_from_the_one_that_has_it(file: Path) -> None:
    turn = WriteTurn(file, 0.05)
    turn.acquire()
    refused: list[BaseException] = []

    def wait() -> None:
        try:
            turn.acquire()
        except DatabaseBusy as error:
            refused.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(10)

    assert len(refused) == 1
    assert turn.is_held
    turn.close()


def test_a_forked_child_has_turns_of_its_own(file: Path) -> None:
    turn = WriteTurn(file, 1)
    turn.acquire()

    pid = os.fork()
    if pid == 0:
        os._exit(1 if turn.is_held or turn.try_acquire() else 0)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert turn.is_held
    turn.close()


def test_an_interrupt_while_a_granted_turn_is_taken_leaves_it_usable(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = WriteTurn(file, 5)
    turn.acquire()
    turn.release()
    process = hold(file)
    waiting = threading.Timer(0.05, let_go, [process])
    waiting.start()
    close = os.close

    def close_and_interrupt(descriptor: int) -> None:
        monkeypatch.undo()
        close(descriptor)
        raise KeyboardInterrupt

    monkeypatch.setattr("core.orm.write_turn.os.close", close_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        turn.acquire()
    waiting.join()

    assert turn.try_acquire()
    turn.close()
