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

from core.access import Rights
from core.container import Container
from core.exceptions import TooManyRequests
from core.web.panel.may import RunsJobs

#: Each is a process of its own beside the workers.
_MOST_AT_ONCE = 3
_CHUNK_BYTES = 4096
_GRACE_SECONDS = 5.0
#: What another try is worth.
_RETRY_SECONDS = 10


def job_debug_routes(container: Container) -> APIRouter:
    """`/Job/{id}/debug`"""
    router = APIRouter()
    running = {"count": 0}
    rights = container.get(Rights)

    @router.post("/Job/{job_id}/debug")
    async def debug(identity: RunsJobs, job_id: str) -> StreamingResponse:
        """Run it without touching its row; whoever leaves the page ends it."""
        if running["count"] >= _MOST_AT_ONCE:
            raise TooManyRequests(f"{_MOST_AT_ONCE} debug runs are under way.", _RETRY_SECONDS)
        job = await asyncio.to_thread(container.get("serviceFactory").create_record("Job").get_entity, job_id)
        await asyncio.to_thread(rights.require, identity, "run", "Job", job)

        async def stream() -> AsyncIterator[bytes]:
            running["count"] += 1
            try:
                async for chunk in _output(container.get("config").root, job.id):
                    yield chunk
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
    )
    try:
        assert process.stdout is not None  # it is a pipe
        while chunk := await process.stdout.read(_CHUNK_BYTES):
            yield chunk
        yield f"\n[exit {await process.wait()}]\n".encode()
    finally:
        await asyncio.shield(_end(process))


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
