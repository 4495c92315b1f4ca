"""What a process takes."""

import subprocess
import sys

from core.terminal.process_usage import process_usage

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"


def test_a_process_is_shown_with_its_children() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        usage = process_usage(process.pid)

        process.communicate(b"\n")

    assert usage is not None
    assert usage["pid"] == process.pid
    assert usage["memoryBytes"] > 1024**2
    assert usage["cpuPercent"] >= 0
    assert [sys.executable in child["command"] for child in usage["children"]] == [True]


def test_a_process_that_is_gone_takes_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert process_usage(process.pid) is None
