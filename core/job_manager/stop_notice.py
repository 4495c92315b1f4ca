"""Why a run is to end, as its worker is told before the signal comes.

It comes by the worker's channel; or, where the job manager has a successor by now and no channel leads to the worker
any more, by a file.
"""

from __future__ import annotations

import json
from pathlib import Path

from core.exceptions import JobCanceled, JobInterrupted, JobTimeout, JobTooLarge
from core.job_manager.channel import Message
from core.job_queue.run import Run
from core.log import job_log_path

_EXCEPTIONS: dict[str, type[JobInterrupted]] = {"cancel": JobCanceled, "timeout": JobTimeout, "memory": JobTooLarge}


def stop_message(job_id: str, attempt: int, why: str, text: str) -> Message:
    """What is sent; `why` is cancel, timeout or memory."""
    return {"do": "stop", "job_id": job_id, "attempt": attempt, "why": why, "text": text}


def interruption(message: Message, run: Run) -> JobInterrupted | None:
    """The exception for the job's code; None where the message is about another run, or not about stopping at all."""
    if message["do"] != "stop" or (message["job_id"], message["attempt"]) != (run.job_id, run.attempt):
        return None
    return _EXCEPTIONS[message["why"]](message["text"])


def leave_notice(root: Path, pid: int, message: Message) -> None:
    """Write the message where that process looks for it; raises OSError where that cannot be done."""
    path = _path(root, pid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(message))


def take_notices(root: Path, pid: int) -> list[Message]:
    """The message that was left for this process, if there is one."""
    path = _path(root, pid)
    try:
        message = json.loads(path.read_text())
        path.unlink()
    except (OSError, ValueError):
        return []
    return [message]


def remove_notice(root: Path, pid: int) -> None:
    """The process is gone, and may not have read it."""
    _path(root, pid).unlink(missing_ok=True)


def _path(root: Path, pid: int) -> Path:
    return job_log_path(root, "x").with_name(f".worker-{pid}.stop")
