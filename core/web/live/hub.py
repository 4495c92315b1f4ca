"""Hands what happens to all who listen."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from core.exceptions import TooManyRequests
from core.log import logger
from core.orm.database import DATABASE_ERRORS

_MOST_WAITING = 512
#: A client that went away for some seconds gets what it missed.
_MOST_KEPT = _MOST_WAITING // 2
_MOST_LISTENERS = 2_000
_MOST_WATCHED = 1_000
_LOOK_SECONDS = 1.0
_LOOKS_PER_CHECK = 5


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """`number` counts them; `owner_id` is whose job it is about, `job_id` which one, None where it is about none."""

    number: int
    kind: str
    data: bytes
    owner_id: str | None = None
    job_id: str | None = None


#: What one look has found: kind, document, owner.
Found = tuple[str, Any, str | None]


class Listener:
    """One client: what waits for it, and the jobs that it watches. One that lets 512 events wait is let go.

    `token_id` is that of the session or token by which it came in.
    """

    def __init__(
        self,
        watched: Collection[str],
        may_see: Callable[[LiveEvent], bool],
        lose: Callable[[], None],
        token_id: str = "",
    ) -> None:
        self.watched = frozenset(watched)
        self.token_id = token_id
        self._may_see = may_see
        self._waiting: asyncio.Queue[LiveEvent | None] = asyncio.Queue(_MOST_WAITING)
        self._lose = lose
        #: Whether its answer is to end in good order.
        self.is_over = False

    def let_go(self) -> None:
        """It is told nothing more, and its answer breaks off."""
        self._lose()

    def end(self) -> None:
        """It is told nothing more, and its answer ends."""
        self.is_over = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting.empty():
            self._waiting.put_nowait(None)

    def tell(self, event: LiveEvent) -> None:
        """Put it behind what waits, if the client may see it."""
        if not self._may_see(event):
            return
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            logger.info("A client of /api/events reads too slowly: it is let go.")
            self._lose()

    async def next(self, seconds: float) -> LiveEvent | None:
        """The next event; None where none comes in this time."""
        try:
            return await asyncio.wait_for(self._waiting.get(), seconds)
        except TimeoutError:
            return None


class Hub:
    """Looks once a second as long as somebody listens, keeps the last 256 events, and tells them to all.

    `look` is called in a thread, by one caller at a time, with the ids of the jobs that are watched. `still_good` says
    every few seconds which tokens are: the answer to who came in by another one ends. For one event loop.
    """

    def __init__(
        self,
        look: Callable[[Collection[str]], list[Found]],
        still_good: Callable[[Collection[str]], Collection[str]] | None = None,
    ) -> None:
        self._look = look
        self._still_good = still_good
        self._thread = CapacityLimiter(1)
        self._listeners: set[Listener] = set()
        self._kept: deque[LiveEvent] = deque(maxlen=_MOST_KEPT)
        self._number = 0
        self._looking: asyncio.Task[None] | None = None
        self._has_looked = asyncio.Event()
        #: Numbers begin anew with each process; what was kept by another one is no use.
        self.epoch = secrets.token_hex(4)

    @contextmanager
    def listening(self, listener: Listener, after: int | None) -> Iterator[bool]:
        """Inside the listener is told all that happens; answers whether it has missed nothing since the event `after`.

        Raises TooManyRequests.
        """
        if len(self._listeners) >= _MOST_LISTENERS:
            raise TooManyRequests("Too many clients listen to events. Try again later.", 60)
        missed = None if after is None else self._since(after)
        for event in missed or ():
            listener.tell(event)
        self._listeners.add(listener)
        if self.is_idle:
            self._has_looked.clear()
            self._looking = asyncio.get_running_loop().create_task(self._go_on())
        try:
            yield missed is not None
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let all go."""
        for listener in tuple(self._listeners):
            listener.let_go()

    async def ready(self) -> None:
        """Wait for the first look: what happens after it is told."""
        await self._has_looked.wait()

    @property
    def is_idle(self) -> bool:
        """Whether nobody looks."""
        return self._looking is None or self._looking.done()

    @property
    def number(self) -> int:
        """That of the last event."""
        return self._number

    def _since(self, after: int) -> list[LiveEvent] | None:
        """What came later, if all of that is kept, and not more than a client is to read at once."""
        if not 0 <= after <= self._number or self._number - after > _MOST_WAITING // 2:
            return None
        return [each for each in self._kept if each.number > after]

    async def _go_on(self) -> None:
        is_first, looks = True, 0
        while self._listeners:
            watched = frozenset().union(*(each.watched for each in self._listeners))
            try:
                found = await run_sync(self._look, sorted(watched)[:_MOST_WATCHED], limiter=self._thread)
            except DATABASE_ERRORS as error:
                logger.warning("Events cannot be read: %s", error)
                found = []
            # What was so before anybody listened is not told: who listens reads it after the first event.
            for kind, document, owner_id in () if is_first else found:
                self._tell(kind, document, owner_id)
            is_first = False
            self._has_looked.set()
            await asyncio.sleep(_LOOK_SECONDS)
            looks += 1
            if self._still_good is not None and looks % _LOOKS_PER_CHECK == 0:
                await self._end_those_who_are_out(self._still_good)

    async def _end_those_who_are_out(self, still_good: Callable[[Collection[str]], Collection[str]]) -> None:
        """Who has logged out, or whose token was revoked; all of them by one question."""
        asked = {each.token_id for each in self._listeners}
        try:
            good = await run_sync(still_good, asked, limiter=self._thread)
        except DATABASE_ERRORS:  # the next look says it
            return
        for listener in tuple(self._listeners):
            if listener.token_id in asked and listener.token_id not in good:
                listener.end()

    def _tell(self, kind: str, document: Any, owner_id: str | None) -> None:
        self._number += 1
        event = LiveEvent(self._number, kind, orjson.dumps(document), owner_id, document.get("id"))
        self._kept.append(event)
        for listener in tuple(self._listeners):
            listener.tell(event)
