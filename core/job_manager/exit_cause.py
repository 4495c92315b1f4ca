"""How a process ended, in words."""

from __future__ import annotations

import os
import signal

from core.job_manager.worker import LOST_CONNECTION


def cause_of_exit(status: int) -> str:
    """What a wait status (wait(2)) tells of the cause."""
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return "Its process was killed by signal 9 (SIGKILL: by hand, or by the kernel for lack of memory)."
    if code < 0:
        return f"Its process was killed by signal {-code} ({_name(-code)})."
    if code == LOST_CONNECTION:
        return "The job closed the file descriptors of its process, and with them the connection to the job manager."
    return f"Its process ended with exit status {code}; the job called os._exit, or replaced its process."


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "a real-time signal"
