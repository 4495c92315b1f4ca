"""For whoever reads anew what has changed: one event a look, however much happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import orjson

from core.web.live.hub import Listener, LiveEvent


class Bundle(Listener):
    """Told are no documents, only what they are about: `{"about": ["job", "log", "status", "<id of a watched job>"]}`.

    What comes until the client reads becomes one event, so nobody reads too slowly.
    """

    def __init__(
        self,
        watched: Collection[str],
        may_see: Callable[[LiveEvent], bool],
        lose: Callable[[], None],
        token_id: str = "",
    ) -> None:
        super().__init__(watched, may_see, lose, token_id)
        self._about: set[str] = set()
        self._number = 0
        self._has_news = asyncio.Event()

    def tell(self, event: LiveEvent) -> None:
        """Add it to what waits, if the client may see it."""
        if not self._may_see(event):
            return
        self._number = event.number
        self.note("job" if event.kind == "many" else event.kind)
        if event.job_id in self.watched:
            self.note(str(event.job_id))

    def note(self, what: str) -> None:
        """Add something that is no event of the hub."""
        self._about.add(what)
        self._wake()

    async def next(self, seconds: float) -> LiveEvent | None:
        """All that waits, as one event; None where nothing comes in this time."""
        try:
            await asyncio.wait_for(self._has_news.wait(), seconds)
        except TimeoutError:
            return None
        self._has_news.clear()
        if self.is_over:
            return None
        about, self._about = sorted(self._about), set()
        return LiveEvent(self._number, "changed", orjson.dumps({"about": about}))

    def _wake(self) -> None:
        self._has_news.set()
