"""The logs of jobs, without secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.to_thread import run_sync

from core.access import Redaction
from core.log import job_log_path

MOST_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16
_LOOK_SECONDS = 0.5
# A private key is the longest secret that is known by its looks.
_AROUND_BYTES = 24_576


@dataclass(frozen=True)
class LogPart:
    """A part of a log; `next` is where the rest begins, in bytes of the file."""

    text: str
    next: int


class JobLogs:
    """Reads parts of jobs' logs. What stands around a part is looked at as well: a secret that is cut is seen whole."""

    def __init__(self, root: Path, redaction: Redaction) -> None:
        self._root = root
        self._redaction = redaction

    def size(self, job_id: str) -> int:
        """How many bytes there are; none where there is no log."""
        try:
            return job_log_path(self._root, job_id).stat().st_size
        except OSError:
            return 0

    def read(self, job_id: str, offset: int, most: int = _CHUNK_BYTES) -> LogPart:
        """What stands there from this byte on, at most so many; from the end, where `offset` is less than 0."""
        try:
            with job_log_path(self._root, job_id).open("rb") as file:
                if offset < 0:
                    offset = max(0, self.size(job_id) + offset)
                    file.seek(offset)
                    offset += len(file.readline(most)) if offset else 0
                start = max(0, offset - _AROUND_BYTES)
                file.seek(start)
                before = file.read(offset - start)
                found = file.read(most)
                part = found[: found.rfind(b"\n") + 1] or found
                after = found[len(part) :] + file.read(_AROUND_BYTES)
        except FileNotFoundError:
            return LogPart("", offset)
        if not part:  # who follows a log asks for what is not there yet twice a second
            return LogPart("", offset)
        texts = [each.decode(errors="replace") for each in (before, part, after[:_AROUND_BYTES])]
        begin = len(texts[0])
        shown = self._redaction.redact_part("".join(texts), begin, begin + len(texts[1]))
        return LogPart(shown, offset + len(part))

    async def follow(self, job_id: str, offset: int, has_ended: Callable[[], bool]) -> AsyncIterator[str]:
        """What is there from this byte on and what comes, until the job has ended."""
        is_over = False
        while not is_over:
            # Asked before reading, so that the last lines are read after the end.
            is_over = await run_sync(has_ended)
            while (part := await run_sync(self.read, job_id, offset)).text:
                offset = part.next
                yield part.text
            if not is_over:
                await anyio.sleep(_LOOK_SECONDS)
