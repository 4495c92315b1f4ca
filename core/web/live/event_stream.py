"""An answer that goes on (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


def frame(kind: str, data: bytes, event_id: str) -> bytes:
    """One event; the data are one line, as JSON is."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (event_id.encode(), kind.encode(), data)


class EventStream(Response):
    """Sends what the source yields until it ends, the client goes away, or `let_go` is called.

    `let_go` also ends an answer whose client does not read: a stream that waits for it would wait for ever.
    """

    media_type = "text/event-stream"

    def __init__(self, source: Callable[[Callable[[], None]], AsyncIterator[bytes]]) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._until_gone, receive, tasks.cancel_scope)
            async for chunk in self._source(tasks.cancel_scope.cancel):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            tasks.cancel_scope.cancel()

    @staticmethod
    async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()
