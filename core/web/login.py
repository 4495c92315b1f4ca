"""Beginning and ending a session: what the API and the pages share."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.access import Accounts, Identity, LoginLimit, Tokens
from core.access.audit import Audit
from core.access.caller import Caller, asked_by
from core.access.tokens import SESSION
from core.container import Container
from core.Entities import User
from core.exceptions import Unauthorized
from core.orm import EntityManager
from core.orm.database import DATABASE_ERRORS
from core.web.session_cookie import SessionCookie


class Login:
    """Lets people in by name and password, and out again."""

    def __init__(self, container: Container, cookie: SessionCookie) -> None:
        self._accounts = container.get(Accounts)
        self._tokens = container.get(Tokens)
        self._audit = container.get(Audit)
        self._manager = container.get(EntityManager)
        self._limit = LoginLimit()
        self._cookie = cookie

    def begin(self, name: str, password: str, request: Request) -> tuple[Identity, str]:
        """A new session and its secret, which `keep` gives to the browser. Raises Unauthorized and TooManyRequests."""
        address = request.client.host if request.client else ""
        user = self._authenticate(name, password, address)
        if user is None:
            raise Unauthorized("The name or the password is wrong.")
        self._tokens.forget_expired()
        ends_at = clock.now() + timedelta(seconds=self._cookie.lifetime_seconds)
        with self._manager.transaction():
            secret, token = self._tokens.issue(user, SESSION, expires_at=ends_at, address=address)
            identity = Identity(user, SESSION, token.get("scope"), token.id)
            with asked_by(Caller(identity, address)):
                self._audit.note("login", "AuthToken", token.id)
        return identity, secret

    def is_hers(self, identity: Identity, password: str, request: Request) -> bool:
        """Whether it is the password of the person who asks; who guesses is limited as at the login."""
        address = request.client.host if request.client else ""
        return self._authenticate(str(identity.user.get("userName")), password, address) is not None

    def keep(self, response: Response, request: Request, secret: str) -> None:
        """Let the browser show the session with its next requests."""
        self._cookie.put(response, request, secret)

    def end(self, identity: Identity, response: Response, request: Request) -> None:
        """End the session, or revoke the token, that the request shows."""
        with self._manager.transaction():
            self._tokens.revoke(identity.token_id)
            self._audit.note("logout", "AuthToken", identity.token_id)
        self._cookie.remove(response, request)

    def _authenticate(self, name: str, password: str, address: str) -> User | None:
        self._limit.check(name, address)
        user = self._accounts.authenticate(name, password)
        if user is None:
            self._note_failure(name, address)
        else:
            self._limit.note_success(name, address)
        return user

    def _note_failure(self, name: str, address: str) -> None:
        failures = self._limit.note_failure(name, address)
        if failures:
            with suppress(*DATABASE_ERRORS):  # she is refused all the same
                self._audit.note_refused_login(name, address, failures)
