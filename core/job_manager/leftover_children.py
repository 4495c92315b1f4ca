"""Child processes that a job did not end itself."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from core.job_queue.announcement import installation_id
from core.job_queue.process_identity import ProcessIdentity, boot_id
from core.log import logger

_MARK = "PYATRO_WORKER_OF"
_ROUNDS = 10
_WAIT_SECONDS = 2
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
# Found here, once for all that are forked.
_PRCTL = ctypes.CDLL(None, use_errno=True).prctl


def become_subreaper() -> None:
    """From now on orphaned grandchildren become this process's children, and so can be found."""
    _PRCTL(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(does: bool) -> None:
    """Whether this process is killed when the one that started it is gone."""
    _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL if does else 0, 0, 0, 0)


def mark(root: Path) -> dict[str, str]:
    """What tells the processes of an installation's workers from others, in their environment."""
    return {_MARK: installation_id(root)}


def end_group_of(process: str, root: Path) -> None:
    """Kill what a worker of this installation that is gone has left in its process group.

    While a worker's own parent lives, that does it.
    """
    try:
        identity = ProcessIdentity.parse(process)
    except ValueError:
        return
    if identity.boot_id != boot_id() or ProcessIdentity.of(identity.pid) is not None:
        return  # nothing is left, or the pid is somebody else's now
    for each in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.Error):
            if os.getpgid(each.pid) == identity.pid and _is_of_worker(each, root):
                logger.warning("Process %d (%s) was left over by a job and is killed.", each.pid, _command(each))
                each.kill()


def _is_of_worker(process: psutil.Process, root: Path) -> bool:
    # What was forked and not executed has the worker's title, in whose place the environment was.
    return f"[{root}]" in " ".join(process.cmdline()) or mark(root).items() <= process.environ().items()


def has_children() -> bool:
    """Whether a child process still runs; those that have ended are reaped."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def children() -> set[int]:
    """The pids of the child processes of this process, and of theirs."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def end_children(spared: Collection[int] = ()) -> list[str]:
    """Kill the children in this process's own group, and wait for them; returns what they were (`123 (sleep 60)`).

    A child in a group of its own was detached on purpose and is left alone, and so are the spared pids.
    """
    ended = []
    # What the killed ones had started becomes ours, and turns up in the next round.
    for _ in range(_ROUNDS):
        spared = {*spared, *_multiprocessing_helpers()}
        left = [child for child in _children_of_group() if child.pid not in spared]
        if not left:
            break
        for child in left:
            ended.append(f"{child.pid} ({_command(child)})")
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(left, timeout=_WAIT_SECONDS)
    _stop_multiprocessing_helpers()
    return ended


def _children_of_group() -> list[psutil.Process]:
    own_group = os.getpgrp()
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(child.pid) == own_group and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
    return found


def _command(child: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(child.cmdline()).strip()[:80] or child.name()
    return "?"


# `multiprocessing` keeps helper processes for the life of a process. They are no job's; the next use starts them anew.
_HELPERS = (("resource_tracker", "_resource_tracker", "_pid"), ("forkserver", "_forkserver", "_forkserver_pid"))


def _multiprocessing_helpers() -> set[int]:
    return {
        getattr(getattr(sys.modules.get(f"multiprocessing.{module}"), name, None), attribute, None) or 0
        for module, name, attribute in _HELPERS
    }


def _stop_multiprocessing_helpers() -> None:
    for module, name, _ in _HELPERS:
        helper: Any = getattr(sys.modules.get(f"multiprocessing.{module}"), name, None)
        with suppress(Exception):  # not there, not running, or broken by the job: then there is nothing to stop
            helper._stop()
