"""How much a request may bring."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.exceptions import TooLarge
from core.web.errors import answer_to

LARGEST_BODY = 1024 * 1024


class BodyLimit:
    """Refuses a body above 1 MiB: by its announced length at once, else as soon as too much has come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()) or int(announced[:20]) > LARGEST_BODY:
            await answer_to(_too_large())(scope, receive, send)
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
    return TooLarge(f"A request may bring at most {LARGEST_BODY // 1024} KiB.")
