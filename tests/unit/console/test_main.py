"""`python -m core <root> <words>`, as far as it goes before an application is there."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main


@pytest.mark.parametrize("argv", [[], [""], ["/no/such/folder", "list"]])
def test_without_an_installation_the_usage_is_shown(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: python -m core <root> <words>")


def test_a_file_is_no_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()

    assert main([str(tmp_path / "file"), "list"]) == 2


def run_in_a_shell(root: Path, line: str) -> subprocess.CompletedProcess[str]:
    """What a shell gives for `core <root> <line>`, with its redirections."""
    command = f'exec "{sys.executable}" -m core "{root}" {line}'
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("list >/dev/full", "Standard output cannot be written: No space left on device.\n"),
        ("modules --json >/dev/full", "Standard output cannot be written: No space left on device.\n"),
        ("list >&-", "Standard output is closed, and there is something to write.\n"),
        ("nonsense 2>&-", ""),
        ("nonsense 2>/dev/full", ""),
    ],
)
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path, line: str, message: str) -> None:
    finished = run_in_a_shell(tmp_path, line)

    assert (finished.returncode, finished.stdout, finished.stderr) == (1, "", message)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied", "/x/data/lock"), "/x/data/lock: Permission denied. Does it belong"),
        (OSError(28, "No space left on device"), "/data: No space left on device. Make room on the disk."),
        (IsADirectoryError(21, "Is a directory", "/x/data/y"), "/x/data/y: Is a directory. A folder lies where a file"),
    ],
)
def test_what_the_disk_refuses_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: OSError,
    message: str,
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.chdir(tmp_path)  # main() goes there, and the test comes back
    monkeypatch.setattr("core.job_manager.job_manager.JobManager.request_stop", refuse)

    assert main([str(tmp_path), "kill", "daemons"]) == 1
    assert message in capsys.readouterr().err
