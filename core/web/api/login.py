"""Logging in and out, and who one is."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core import clock
from core.access import Accounts, Identity, LoginLimit, Tokens
from core.access.tokens import SESSION
from core.exceptions import Unauthorized
from core.web.session_cookie import SessionCookie
from core.web.signed_in import SignedIn


class Credentials(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(extra="forbid")
    userName: str = Field(min_length=1, max_length=50)  # noqa: N815 - AtroCore's key
    password: str = Field(min_length=1, max_length=1000)


class Myself(BaseModel):
    """Who one is: `kind` says whether by a session or a token, `scope` whether all or reading only is allowed."""

    id: str
    userName: str  # noqa: N815 - AtroCore's key
    name: str
    isAdmin: bool  # noqa: N815 - AtroCore's key
    kind: str
    scope: str


def login_routes(accounts: Accounts, tokens: Tokens, limit: LoginLimit, cookie: SessionCookie) -> APIRouter:
    """`/login`, `/logout` and `/me`."""
    router = APIRouter(tags=["Login"])

    @router.post("/login")
    def log_in(credentials: Credentials, request: Request, response: Response) -> Myself:
        """Begin a session; the cookie holds its secret."""
        name, address = credentials.userName, request.client.host if request.client else ""
        limit.check(name, address)
        user = accounts.authenticate(name, credentials.password)
        if user is None:
            limit.note_failure(name, address)
            raise Unauthorized("The name or the password is wrong.")
        limit.note_success(name, address)
        tokens.forget_expired()
        ends_at = clock.now() + timedelta(seconds=cookie.lifetime_seconds)
        secret, token = tokens.issue(user, SESSION, expires_at=ends_at, address=address)
        cookie.put(response, request, secret)
        return _myself(Identity(user, SESSION, token.get("scope"), token.id))

    @router.post("/logout", status_code=204)
    def log_out(identity: SignedIn, request: Request, response: Response) -> None:
        """End the session, or revoke the token, that the request shows."""
        tokens.revoke(identity.token_id)
        cookie.remove(response, request)

    @router.get("/me")
    def me(identity: SignedIn) -> Myself:
        """Who one is, and what one may."""
        return _myself(identity)

    return router


def _myself(identity: Identity) -> Myself:
    user = identity.user
    return Myself(
        id=user.id,
        userName=user.get("userName"),
        name=user.get("name"),
        isAdmin=user.is_admin(),
        kind=identity.kind,
        scope=identity.scope,
    )
