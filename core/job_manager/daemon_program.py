"""The program that the job manager is: how it is started, and how it takes its own place when its code has changed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.job_manager.release import Release

NAME = "job-manager"
#: Loads all, starts nothing, and ends with 0 if that went well.
TRIAL = "--trial"
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be run, and in which folder."""

    command: list[str]
    folder: Path


def program(release: Release, label: str, *options: str) -> Program:
    """The job manager of what the place of this process's release leads to now."""
    return console_program(release, "daemon", NAME, label, f"--place={release.place}", *options)


def console_program(release: Release, *words: str) -> Program:
    """A console command of what the place of this process's release leads to now."""
    latest = release.latest()
    command = [latest.of_interpreter(release), "-m", "core", str(latest.root), *words]
    return Program(command, latest.of_code(release))


def become_successor(release: Release, label: str, lock: int) -> None:
    """Load the program anew in this process, with the lock's descriptor; returns only by raising OSError.

    A signal that comes meanwhile is kept for it.
    """
    become(program(release, label, f"--lock={lock}"))


def become(successor: Program) -> None:
    """Load this program in the place of the present one; as `become_successor`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        os.chdir(successor.folder)
        os.execv(successor.command[0], successor.command)
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
