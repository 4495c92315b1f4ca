"""Scripts in processes that are forked, as if Python had been started for each."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import clock
from tests.console_server import ConsoleServer


@pytest.fixture(scope="module")
def server() -> Iterator[ConsoleServer]:
    with ConsoleServer() as server:
        yield server


def run(server: ConsoleServer, folder: Path, source: str, *words: str, timeout: float = 30) -> tuple[int, str, str]:
    script = folder / "script.py"
    script.write_text(source)
    command = [sys.executable, str(script), *words]
    done = server.run(command, cwd=folder, env={**os.environ, "COLOR": "blue"}, input="given\n", timeout=timeout)
    assert done.args == command
    return done.returncode, done.stdout, done.stderr


def test_a_script_finds_what_python_gives_one(server: ConsoleServer, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("here = 1")
    source = """
import beside, os, sys
print(__name__, sys.argv[1:], os.getcwd(), os.environ["COLOR"], sys.stdin.read().strip())
print("said", file=sys.stderr)
"""

    assert run(server, tmp_path, source, "a", "b") == (0, f"__main__ ['a', 'b'] {tmp_path} blue given\n", "said\n")


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("import sys; print('half', end=''); sys.exit(3)", 3, ""),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("import signal; signal.raise_signal(signal.SIGINT)", -2, "KeyboardInterrupt"),
    ],
    ids=["exit", "error", "killed", "interrupted"],
)
def test_its_end_is_told_as_python_ends(
    server: ConsoleServer, tmp_path: Path, source: str, code: int, said: str
) -> None:
    found, _, errors = run(server, tmp_path, source)

    assert (found, errors.strip().rpartition("\n")[2]) == (code, said)


def test_who_takes_too_long_is_killed(server: ConsoleServer, tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run(server, tmp_path, "import time; time.sleep(60)", timeout=0.1)

    beside = "import os, psutil; print(len(psutil.Process(os.getppid()).children()))"
    assert clock.wait_until(lambda: run(server, tmp_path, beside)[1] == "1\n", 30)


def test_no_process_sees_what_another_did(server: ConsoleServer, tmp_path: Path) -> None:
    change = "import os, core, random; core.a = 1; os.chdir('/'); os.environ['COLOR'] = 'red'; print(random.random())"
    look = "import os, core; print(hasattr(core, 'a'), os.getcwd(), os.environ['COLOR'])"

    first, second = run(server, tmp_path, change), run(server, tmp_path, change)

    assert first != second
    assert run(server, tmp_path, look) == (0, f"False {tmp_path} blue\n", "")
