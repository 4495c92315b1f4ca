"""`job log <id>`"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.exceptions import NotFound
from core.job_queue.states import ENDED
from core.log import job_log_path
from core.terminal import output

_POLL_SECONDS = 0.2
_CHUNK_BYTES = 1 << 16


class JobLog(AbstractJobConsole):
    """Prints what a job printed and logged; with `--follow` until it has ended."""

    @staticmethod
    def get_description() -> str:
        return "Print what a job printed and logged."

    def run(self, params: dict[str, Any]) -> int:
        job = self.find_job(params["id"])
        path = job_log_path(self.get_config().root, job.id)
        if params["follow"]:
            self._follow(job.id, path)
        elif path.exists():
            _Tail(path).write_new()
        if path.exists():
            return 0
        raise NotFound(self._why_there_is_none(job.id, path))

    def _follow(self, job_id: str, path: Path) -> None:
        tail = _Tail(path)
        has_ended = False
        while not has_ended:
            # Asked before reading, so that the last lines are read after the end.
            has_ended = self.find_job(job_id).get("status") in ENDED
            tail.write_new()
            if not has_ended:
                time.sleep(_POLL_SECONDS)

    def _why_there_is_none(self, job_id: str, path: Path) -> str:
        job = self.find_job(job_id)
        if job.get("startedAt") is None:
            why = f"the job is {job.get('status')} and has not started"
        elif job.get("status") == "Running":
            why = "the job has printed and logged nothing so far"
        else:
            why = "the job printed and logged nothing, or the file was removed since"
        return f"There is no log {path}: {why}."


class _Tail:
    """Writes what a file has more than the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def write_new(self) -> None:
        """Bring standard output up to date."""
        for chunk in self._chunks():
            output.write_bytes(chunk)
        output.flush()

    def _chunks(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                while chunk := file.read(_CHUNK_BYTES):
                    self._offset += len(chunk)
                    yield chunk
        except FileNotFoundError:
            return
