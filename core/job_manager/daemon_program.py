"""The program that the job manager is: how it is started, and how it takes its own place when its code has changed."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

NAME = "job-manager"
#: Loads all, starts nothing, and ends with 0 if that went well.
TRIAL = "--trial"
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def command(root: Path, label: str, *options: str) -> list[str]:
    """The command line; to be run in `code_directory()`."""
    return [sys.executable, "-m", "core", str(root), "daemon", NAME, label, *options]


def code_directory() -> Path:
    """The folder that `core` lies in."""
    return Path(__file__).resolve().parents[2]


def become_successor(root: Path, label: str, lock: int) -> None:
    """Load the program anew in this process, with the lock's descriptor; returns only by raising OSError.

    A signal that comes meanwhile is kept for it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        os.chdir(code_directory())
        os.execv(sys.executable, command(root, label, f"--lock={lock}"))
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def bury_inherited(ours: set[int]) -> None:
    """Wait for ended children that this process had as its predecessor: the former workers' parent.

    `ours` are those for which somebody else waits.
    """
    with suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
            if ended.si_pid in ours:
                return
            os.waitpid(ended.si_pid, 0)
