"""Running a job in sight of a person: the same as `job debug_<id> --run`, its output streamed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from core.access import Redaction, Rights
from core.access.audit import Audit
from core.container import Container
from core.exceptions import TooManyRequests
from core.sentence import Sentence
from core.web.panel.may import RunsJobs
from core.web.panel.plain_text import plain

#: Each is a process of its own beside the workers.
_MOST_AT_ONCE = 3
#: A line is shown as a whole, so that no secret is cut in two and seen by halves; a longer one has an end here.
_LONGEST_LINE = 1 << 20
_GRACE_SECONDS = 5.0
#: What another try is worth.
_RETRY_SECONDS = 10


def job_debug_routes(container: Container) -> APIRouter:
    """`/Job/{id}/debug`"""
    router = APIRouter(include_in_schema=False)
    running = {"count": 0}
    rights, redaction, audit = container.get(Rights), container.get(Redaction), container.get(Audit)

    @router.post("/Job/{job_id}/debug")
    async def debug(identity: RunsJobs, job_id: str) -> StreamingResponse:
        """Run it without touching its row; whoever leaves the page ends it."""
        if running["count"] >= _MOST_AT_ONCE:
            told = Sentence(
                "{count} debug runs are under way: try it again when one of them has ended.", count=_MOST_AT_ONCE
            )
            raise TooManyRequests(told, _RETRY_SECONDS)
        job = await asyncio.to_thread(container.get("serviceFactory").create_record("Job").get_entity, job_id)
        await asyncio.to_thread(rights.require, identity, "run", "Job", job)
        await asyncio.to_thread(audit.note, "debug", "Job", job.id)

        async def stream() -> AsyncIterator[bytes]:
            running["count"] += 1
            try:
                async for line in _output(container.get("config").root, job.id):
                    yield str(redaction.redact(plain(line.decode(errors="replace")))).encode()
            finally:
                running["count"] -= 1

        return StreamingResponse(stream(), media_type="text/plain; charset=utf-8")

    return router


async def _output(root: Path, job_id: str) -> AsyncIterator[bytes]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(root / "console.py"), "job", f"debug_{job_id}", "--run"),
        cwd=root,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    try:
        assert process.stdout is not None  # it is a pipe
        while line := await _line(process.stdout):
            yield line
        yield f"\n[exit {await process.wait()}]\n".encode()
    finally:
        await asyncio.shield(_end(process))


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line; nothing at the end."""
    try:
        return await stream.readuntil()
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.readexactly(error.consumed)


async def _end(process: asyncio.subprocess.Process) -> None:
    """It and its children, kindly at first."""
    if process.returncode is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
            return
