"""How much a request may bring."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.exceptions import TooLarge
from core.sentence import Sentence
from core.web.errors import Show, answer_to

LARGEST_BODY = 1024 * 1024


class BodyLimit:
    """Refuses a body above 1 MiB: by its announced length at once, else as soon as too much has come."""

    def __init__(self, app: ASGIApp, show: Show) -> None:
        self._app = app
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()) or int(announced[:20]) > LARGEST_BODY:
            await self._show(Request(scope), answer_to(_too_large()))(scope, receive, send)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise _too_large()
            return message

        await self._app(scope, limited, send)


def _too_large() -> TooLarge:
    return TooLarge(Sentence("A request may bring at most {count} KiB.", count=LARGEST_BODY // 1024))
