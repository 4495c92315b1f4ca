"""Logging in and out, and who one is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.access import Accounts, Identity
from core.web.login import Login
from core.web.signed_in import SignedIn


class Credentials(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(extra="forbid")
    userName: str = Field(min_length=1, max_length=50)  # noqa: N815 - AtroCore's key
    password: str = Field(min_length=1, max_length=1000)


class Myself(BaseModel):
    """Who one is: `kind` says whether by a session or a token, `scope` whether all or reading only is allowed.

    `role` is administrator, operator, viewer or none.
    """

    id: str
    userName: str  # noqa: N815 - AtroCore's key
    name: str
    isAdmin: bool  # noqa: N815 - AtroCore's key
    role: str
    kind: str
    scope: str


def login_routes(login: Login) -> APIRouter:
    """`/login`, `/logout` and `/me`."""
    router = APIRouter(prefix="/api", tags=["Login"])

    @router.post("/login")
    def log_in(credentials: Credentials, request: Request, response: Response) -> Myself:
        """Begin a session; the cookie holds its secret."""
        identity, secret = login.begin(credentials.userName, credentials.password, request)
        login.keep(response, request, secret)
        return _myself(identity)

    @router.post("/logout", status_code=204)
    def log_out(identity: SignedIn, request: Request, response: Response) -> None:
        """End the session, or revoke the token, that the request shows."""
        login.end(identity, response, request)

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
        role=Accounts.role_of(user),
        kind=identity.kind,
        scope=identity.scope,
    )
