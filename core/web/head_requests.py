"""HEAD, which is answered as GET without the content (RFC 9110, section 9.3.2)."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

#: Answers of these never end.
_STREAMS = ("/api/events",)


class HeadRequests:
    """Lets the routes for GET answer HEAD as well; the server leaves the content out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if is_head and not scope["path"].startswith(_STREAMS):
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
