"""Child processes that a job did not end itself."""

from __future__ import annotations

import ctypes
import os
import shlex
import sys
from contextlib import suppress
from typing import Any

import psutil

_ROUNDS = 10
_WAIT_SECONDS = 2
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def become_subreaper() -> None:
    """From now on orphaned grandchildren become this process's children, and so can be found."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def has_children() -> bool:
    """Whether a child process still runs; those that have ended are reaped."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def end_children() -> list[str]:
    """Kill the children in this process's own group, and wait for them; returns what they were (`123 (sleep 60)`).

    A child in a group of its own was detached on purpose and is left alone.
    """
    ended = []
    # What the killed ones had started becomes ours, and turns up in the next round.
    for _ in range(_ROUNDS):
        helpers = _multiprocessing_helpers()
        children = [child for child in _children_of_group() if child.pid not in helpers]
        if not children:
            break
        for child in children:
            ended.append(f"{child.pid} ({_command(child)})")
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=_WAIT_SECONDS)
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
        return shlex.join(child.cmdline())[:80] or child.name()
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
