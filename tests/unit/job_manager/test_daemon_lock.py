"""The lock of which there is one for each installation and machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.job_manager.daemon_lock import DaemonLock
from core.job_queue.process_identity import ProcessIdentity

HOLDER = """\
import sys
from pathlib import Path

from core.job_manager.daemon_lock import DaemonLock

lock = DaemonLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
lock.pulse()
print("pulse", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> DaemonLock:
    return DaemonLock(tmp_path)


def test_a_lock_that_nobody_has_ever_taken_is_free(lock: DaemonLock, tmp_path: Path) -> None:
    assert not lock.is_held()
    assert lock.holder() is None
    assert list(tmp_path.iterdir()) == []


def test_only_one_holds_it(lock: DaemonLock, tmp_path: Path) -> None:
    second = DaemonLock(tmp_path)

    assert lock.acquire()
    assert not second.acquire()
    lock.release()
    assert second.acquire()
    second.release()


def test_a_command_that_holds_it_is_outwaited(lock: DaemonLock, tmp_path: Path) -> None:
    assert lock.acquire()
    end_of_the_command = threading.Timer(0.3, lock.release)
    end_of_the_command.start()
    other = DaemonLock(tmp_path)

    assert other.outwait_commands(30)
    end_of_the_command.join()
    other.release()


def test_a_job_manager_that_holds_it_is_not_waited_for(lock: DaemonLock, tmp_path: Path) -> None:
    assert lock.acquire()
    lock.pulse()

    assert not DaemonLock(tmp_path).outwait_commands(3_600)  # pytest's own time-out would end it


def test_who_holds_it_says_so(lock: DaemonLock) -> None:
    assert lock.acquire()
    lock.pulse()

    holder = lock.holder()

    assert holder is not None
    assert holder.process == ProcessIdentity.current()
    assert 0 <= holder.silent_seconds < 5
    lock.release()
    assert lock.holder() is None


def test_how_long_a_holder_has_been_silent_is_known(lock: DaemonLock, tmp_path: Path) -> None:
    assert lock.acquire()
    lock.pulse()
    file = tmp_path / "data" / "job-manager.lock"
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "round_at": content["round_at"] - 100}))

    holder = lock.holder()

    assert holder is not None
    assert 100 <= holder.silent_seconds < 105
    lock.release()


@pytest.mark.parametrize("content", ["", "{", "{}", '{"process": "x", "round_at": 1}'])
def test_a_holder_that_has_not_said_who_it_is_yet_is_nobody(lock: DaemonLock, tmp_path: Path, content: str) -> None:
    assert lock.acquire()
    (tmp_path / "data" / "job-manager.lock").write_text(content)

    assert lock.holder() is None
    lock.release()


def test_a_killed_holder_frees_it_though_its_child_goes_on(lock: DaemonLock, tmp_path: Path) -> None:
    # A child that is started as the daemon starts its own inherits no descriptor of the lock.
    child = "import subprocess; print(subprocess.Popen(['sleep', '60'], close_fds=False).pid, flush=True)\n"
    code = HOLDER.replace("sys.stdin", child + "sys.stdin")
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert [holder.stdout.readline().strip() for _ in range(2)] == ["True", "pulse"]
        pid = int(holder.stdout.readline())
        assert lock.is_held()

        holder.kill()
        holder.wait()

        is_held = lock.is_held()
        os.kill(pid, signal.SIGKILL)
    assert not is_held


TAKES_OVER = """\
import os
import sys
from pathlib import Path

from core import clock
from core.job_manager.daemon_lock import DaemonLock

root, *descriptor = sys.argv[1:]
lock = DaemonLock(Path(root))
if not descriptor:
    assert lock.acquire()
    os.execv(sys.executable, [sys.executable, "-c", os.environ["PROGRAM"], root, str(lock.hand_over())])
print(lock.take_over(int(descriptor[0])), DaemonLock(Path(root)).is_held(), os.get_inheritable(int(descriptor[0])))
print(clock.monotonic() - lock.loaded_at < clock.since_boot(), DaemonLock(Path(root)).acquire())
"""


def test_a_program_that_takes_the_place_of_another_one_keeps_its_lock(tmp_path: Path) -> None:
    program = [sys.executable, "-c", TAKES_OVER, str(tmp_path)]

    said = subprocess.run(program, env={**os.environ, "PROGRAM": TAKES_OVER}, capture_output=True, check=True).stdout

    assert said.split() == [b"True", b"True", b"False", b"True", b"False"]


@pytest.mark.parametrize("descriptor", [0, 999])
def test_what_is_not_the_lock_is_not_taken_over(lock: DaemonLock, descriptor: int) -> None:
    assert not lock.take_over(descriptor)
    assert lock.acquire()
    lock.release()


@pytest.mark.parametrize("rubbish", ["", "[]", "{}", '{"process": 5}', '{"process": "a:b"}', "null", "\0"])
def test_rubbish_in_the_lock_file_names_no_holder(lock: DaemonLock, tmp_path: Path, rubbish: str) -> None:
    assert lock.acquire()
    (tmp_path / "data" / "job-manager.lock").write_text(rubbish)

    assert DaemonLock(tmp_path).holder() is None
    lock.release()
