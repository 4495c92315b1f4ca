"""The rights of whoever asked for something from outside, where a job of hers does it later."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from core.access.caller import Caller, asked_by
from core.access.identity import Identity
from core.Entities import User
from core.exceptions import Forbidden
from core.orm import EntityManager

_KEY = "askedBy"


def asker(caller: Caller | None) -> dict[str, Any]:
    """What the payload of a job of the caller's has to say, so that `bound_by` binds it.

    Nothing for administrators, and where nobody asks from outside: such a job is bound by nothing. For job types alone
    whose payloads nobody else writes (`administratorsOnly`). Raises Forbidden for a token that is for reading.
    """
    if caller is None or caller.identity.user.is_admin():
        return {}
    if caller.identity.is_read_only:
        raise Forbidden("This token is for reading only.")
    return {_KEY: {"tokenId": caller.identity.token_id, "address": caller.address}}


def bound_by(payload: Mapping[str, Any], manager: EntityManager) -> AbstractContextManager[None]:
    """Inside, in a job of this payload, record services let pass what its owner may now, and audit it."""
    known = payload.get(_KEY)
    if known is None:
        return nullcontext()
    owner = cast(User, manager.get_user())
    return asked_by(Caller(Identity(owner, "job", "all", known["tokenId"]), known["address"]))


def of_asker(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of a payload has to stand in those of further jobs, so that they are bound as well."""
    return {_KEY: payload[_KEY]} if _KEY in payload else {}
