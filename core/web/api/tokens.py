"""One's sessions and tokens, and for administrators those of everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from core.access import Identity, Tokens
from core.access.audit import Audit
from core.exceptions import Forbidden
from core.orm import Entity
from core.web.signed_in import SignedIn

OfEverybody = Annotated[bool, Query(alias="ofEverybody", description="Those of all users: for administrators alone.")]


class Token(BaseModel):
    """A session (`kind` is session) or a token of a program (api); `isThis` is the one that the request shows."""

    id: str
    userId: str  # noqa: N815 - AtroCore's key
    name: str | None
    kind: str
    scope: str
    address: str | None
    createdAt: str | None  # noqa: N815 - AtroCore's key
    lastUsedAt: str | None  # noqa: N815 - AtroCore's way to write keys
    expiresAt: str | None  # noqa: N815 - AtroCore's way to write keys
    isThis: bool  # noqa: N815 - AtroCore's way to write keys


class TokenList(BaseModel):
    """Those that are good; of more than 1,000 the youngest."""

    list: list[Token]


def token_routes(tokens: Tokens, audit: Audit) -> APIRouter:
    """`/tokens` and `/tokens/{id}`."""
    router = APIRouter(prefix="/api", tags=["Login"])

    @router.get("/tokens", operation_id="listTokens")
    def find(identity: SignedIn, of_everybody: OfEverybody = False) -> TokenList:
        """The sessions and tokens with which somebody comes in as oneself."""
        if of_everybody and not identity.user.is_admin():
            raise Forbidden("The tokens of others are for administrators alone.")
        found = tokens.good(None if of_everybody else identity.user)
        return TokenList(list=[_token(each, identity) for each in found])

    @router.delete("/tokens/{token_id}", operation_id="revokeToken", status_code=204)
    def revoke(identity: SignedIn, token_id: str) -> None:
        """Let it open nothing from now on: one of one's own, or, for administrators, any."""
        is_own_only = not identity.user.is_admin()
        with tokens.revoking(token_id, identity.user if is_own_only else None) as token:
            audit.note("revoke", "AuthToken", token.id, {"userId": token.get("userId"), "name": token.get("name")})

    return router


def _token(token: Entity, identity: Identity) -> Token:
    shown = token.to_dict()
    return Token(
        **{name: shown[name] for name in Token.model_fields if name in shown}, isThis=token.id == identity.token_id
    )
