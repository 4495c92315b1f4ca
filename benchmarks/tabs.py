"""Tabs of the panel in sight, as `core/web/static/live.js` keeps them fresh, without a browser."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from types import TracebackType

import httpx2

#: As in the script: seconds between two askings of a part at least, and at most.
REST, SELDOM = 2.0, 15.0
#: As in the script: a part that took so long is left alone for so many times as long.
SHARE = 50
_LOOK_SECONDS = 0.1
_ELEMENT = re.compile(r"<\w+ [^>]*data-follows=[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class Part:
    """A part of a page: where it is asked for, what it follows, and how often."""

    address: str
    follows: frozenset[str]
    rest: float = REST
    seldom: float = SELDOM
    asked_at: float = field(default_factory=time.monotonic)
    is_stale: bool = False
    took: float = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the script would ask for it now."""
        rest = max(self.rest, SHARE * self.took)
        return time.monotonic() - self.asked_at >= (rest if self.is_stale else max(rest, self.seldom))


def parts_of(page: str) -> dict[str, Part]:
    """The live parts of a page, or of a part of one, by their ids."""
    found = [dict(_ATTRIBUTE.findall(element)) for element in _ELEMENT.findall(page)]
    return {
        each["id"]: Part(
            html.unescape(each["hx-get"]),
            frozenset(each["data-follows"].split()),
            float(each.get("data-rest", REST)),
            float(each.get("data-seldom", SELDOM)),
        )
        for each in found
    }


class Tabs:
    """Open in a thread while the block lasts, each with a session of its own; all have read their page at its begin."""

    def __init__(self, address: str, name: str, password: str, pages: Sequence[str]) -> None:
        self.events = 0
        self.refreshes = 0
        self._address = address
        self._login = {"userName": name, "password": password}
        self._pages = pages
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._open: list[Future[None]] = []

    def __enter__(self) -> Tabs:
        self._thread.start()
        for page in self._pages:  # one after another: who tries several passwords at once is refused
            opened = asyncio.run_coroutine_threadsafe(self._opened(page), self._loop).result(60)
            self._open.append(asyncio.run_coroutine_threadsafe(self._keep(*opened), self._loop))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        failed = [each.exception() for each in self._open if each.done()]
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        if failed and error is None:
            raise RuntimeError(f"A tab ended: {failed[0]!r}")

    @staticmethod
    async def _close() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _opened(self, page: str) -> tuple[httpx2.AsyncClient, dict[str, Part]]:
        client = httpx2.AsyncClient(base_url=self._address, timeout=60)
        (await client.post("/api/login", json=self._login)).raise_for_status()
        answer = await client.get(page, headers={"Accept": "text/html"})
        answer.raise_for_status()
        parts = parts_of(answer.text)
        if not parts:
            raise RuntimeError(f"{page} has no live part.")
        return client, parts

    async def _keep(self, client: httpx2.AsyncClient, parts: dict[str, Part]) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(client, parts))
            while True:
                await asyncio.sleep(_LOOK_SECONDS)
                for name in [name for name, part in parts.items() if part.is_due]:
                    await self._refresh(client, parts, name)

    async def _listen(self, client: httpx2.AsyncClient, parts: dict[str, Part]) -> None:
        async with client.stream("GET", "/api/events", params={"bundled": "true"}) as answer:
            async for line in answer.aiter_lines():
                if not line.startswith("data: "):
                    continue
                self.events += 1
                about = json.loads(line.removeprefix("data: ")).get("about")  # none in `ready`: all is to be read
                for part in parts.values():
                    part.is_stale = part.is_stale or about is None or not part.follows.isdisjoint(about)

    async def _refresh(self, client: httpx2.AsyncClient, parts: dict[str, Part], name: str) -> None:
        part = parts[name]
        part.asked_at, part.is_stale = time.monotonic(), False
        answer = await client.get(part.address, headers={"HX-Request": "true", "Accept": "text/html"})
        answer.raise_for_status()
        part.took = time.monotonic() - part.asked_at
        self.refreshes += 1
        if answer.status_code == 200:
            part.address = parts_of(answer.text)[name].address
