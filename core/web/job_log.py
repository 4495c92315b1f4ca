"""The log of a job while it is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
from anyio.to_thread import run_sync

_LOOK_SECONDS = 0.5
_CHUNK_BYTES = 1 << 16


async def follow_log(path: Path, has_ended: Callable[[], bool]) -> AsyncIterator[bytes]:
    """What is in the file and what comes to it, until the job has ended."""
    offset, is_over = 0, False
    while not is_over:
        # Asked before reading, so that the last lines are read after the end.
        is_over = await run_sync(has_ended)
        while chunk := await run_sync(_read, path, offset):
            offset += len(chunk)
            yield chunk
        if not is_over:
            await anyio.sleep(_LOOK_SECONDS)


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(_CHUNK_BYTES)
    except FileNotFoundError:
        return b""
