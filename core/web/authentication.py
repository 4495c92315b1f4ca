"""Whose request it is, before anybody handles it."""

from __future__ import annotations

import base64
import binascii

from anyio.to_thread import run_sync
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.access import Identity, Tokens
from core.access.caller import Caller, asked_by
from core.access.tokens import API, SESSION
from core.orm import EntityManager
from core.web.errors import Show, answer_to
from core.web.session_cookie import SessionCookie

#: Asked by machines every few seconds, and by nobody in particular; and what a page loads that says so.
_FOR_EVERYBODY = ("/healthz", "/readyz")
_FILES = "/static/"


class Authentication:
    """Puts the identity of a request, or None, into its state, and lets all that follows be done on her behalf.

    A request shows `Authorization: Bearer <token>`, AtroCore's `Authorization-Token: base64(user:token)`, or the
    cookie of a session; one that shows several is known by the first. Whether somebody has to be logged in at all is
    the handler's question (`core.web.signed_in`).
    """

    def __init__(self, app: ASGIApp, tokens: Tokens, manager: EntityManager, cookie: SessionCookie, show: Show) -> None:
        self._app = app
        self._tokens = tokens
        self._manager = manager
        self._cookie = cookie
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["identity"] = None
        if scope["path"] in _FOR_EVERYBODY or scope["path"].startswith(_FILES):
            await self._app(scope, receive, send)
            return
        try:
            identity = await run_sync(self._identify, HTTPConnection(scope))
        except Exception as error:  # noqa: BLE001 - no handler is there yet to say it: a database that is away, mostly
            await self._show(Request(scope), answer_to(error))(scope, receive, send)
            return
        state["identity"] = identity
        if identity is None:
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        caller = Caller(identity, client[0] if client else None)
        with self._manager.acting_as(identity.user), asked_by(caller):
            await self._app(scope, receive, send)

    def _identify(self, connection: HTTPConnection) -> Identity | None:
        scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._tokens.identify(bearer.strip(), API)
        if (named := connection.headers.get("authorization-token")) is not None:
            return self._by_name_and_token(named)
        secret = self._cookie.read(connection)
        return None if secret is None else self._tokens.identify(secret, SESSION)

    def _by_name_and_token(self, header: str) -> Identity | None:
        try:
            name, _, token = base64.b64decode(header, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        identity = self._tokens.identify(token, API)
        return identity if identity is not None and identity.user.get("userName") == name else None
