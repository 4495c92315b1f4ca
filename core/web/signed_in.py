"""What a handler declares to know who asks, and to be for those alone who may.

`def handler(identity: SignedIn)`, or `def cancel(identity: Annotated[Identity, Depends(Allowed("cancel", "Job"))])`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from core.access import Identity, Rights
from core.access.tokens import SESSION
from core.exceptions import Forbidden, Unauthorized
from core.sentence import Sentence

_HARMLESS = ("GET", "HEAD", "OPTIONS")


async def signed_in(request: Request) -> Identity:
    """The identity; raises Unauthorized where there is none, and Forbidden for a change by a token for reading."""
    identity: Identity | None = request.state.identity
    if identity is None:
        raise Unauthorized(Sentence("Log in, or send a token that is good: 'Authorization: Bearer <token>'."))
    if identity.is_read_only and request.method not in _HARMLESS:
        raise Forbidden(Sentence("This token is for reading only."))
    return identity


SignedIn = Annotated[Identity, Depends(signed_in)]


async def in_person(identity: SignedIn) -> Identity:
    """The identity; raises Forbidden where it is a token's: one that leaked is to make no others."""
    if identity.kind != SESSION:
        raise Forbidden(Sentence("A token may not do this: log in with a name and a password."))
    return identity


InPerson = Annotated[Identity, Depends(in_person)]


async def administrator(identity: SignedIn) -> Identity:
    """The identity; raises Forbidden where it is not an administrator's."""
    if not identity.user.is_admin():
        raise Forbidden(Sentence("Only administrators may do this."))
    return identity


Administrator = Annotated[Identity, Depends(administrator)]


class Allowed:
    """Lets those pass who may do it to some record of the scope; with a record in hand the handler asks `Rights` again.

    Raises Unauthorized and Forbidden.
    """

    def __init__(self, action: str, scope: str) -> None:
        self._action = action
        self._scope = scope

    def __call__(self, identity: SignedIn, request: Request) -> Identity:
        """The identity."""
        rights: Rights = request.app.state.rights
        rights.require(identity, self._action, self._scope)
        return identity
