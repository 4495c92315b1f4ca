"""A thousand clients that listen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import pytest

from core import clock
from core.testing import Installation
from tests.acceptance.web.serving import PASSWORD, serving

CLIENTS = 1000
SECONDS = 60.0
MIB = 1024 * 1024


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_a_thousand_listen_for_a_minute_and_the_server_ends_in_time(
    installation: Installation, record_property: Callable[[str, object], None]
) -> None:
    installation.add_job_type("Hello", "pass")
    installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    token = installation.console("user", "token", "anna").stdout.strip()
    with serving(installation) as (address, process):
        server = psutil.Process(process.pid)

        # In a thread of its own: Playwright, which other tests of this process may use, has a loop in the main one.
        with ThreadPoolExecutor(1) as thread:
            told, grown = thread.submit(lambda: asyncio.run(listen(address, token, server))).result()
        began = clock.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0

        record_property("grown_bytes", grown)
        record_property("ended_within_seconds", round(clock.monotonic() - began, 1))
        assert min(told) > 0, f"{sum(not each for each in told)} clients were told nothing"
        assert grown < 10 * MIB


async def listen(address: str, token: str, server: psutil.Process) -> tuple[list[int], int]:
    """How often each of them was told of a job, and how much the server grew after all were there."""
    at = urlsplit(address)
    head = f"Host: {at.netloc}\r\nAuthorization: Bearer {token}\r\n"
    told = [0] * CLIENTS
    ready, ends_at = asyncio.Semaphore(0), asyncio.Event()

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(f"GET /api/events HTTP/1.1\r\n{head}\r\n".encode())
        await reader.readuntil(b"event: ready")
        ready.release()
        while not ends_at.is_set():
            line = await reader.readline()
            assert line, f"the client {number} was let go"
            told[number] += line == b"event: job\n"
        writer.close()

    async def enqueue() -> None:
        body = b'{"type": "Hello"}'
        while not ends_at.is_set():
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
            lines = f"POST /api/Job HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{lines}Connection: close\r\n\r\n".encode() + body)
            assert b" 201 " in await reader.readline()
            writer.close()
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as tasks:
        for number in range(CLIENTS):
            tasks.create_task(client(number))
            await asyncio.sleep(0.005)
        for _ in range(CLIENTS):
            await ready.acquire()
        tasks.create_task(enqueue())
        await asyncio.sleep(SECONDS / 6)  # what is made once is made
        before = server.memory_info().rss
        await asyncio.sleep(SECONDS)
        grown = server.memory_info().rss - before
        ends_at.set()
    return told, grown
