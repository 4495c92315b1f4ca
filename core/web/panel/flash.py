"""A message that the next page shows once: `Saved.`"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

_COOKIE = "pyatro_flash"
_LONGEST = 1000
_KINDS = ("success", "info", "warning", "danger")


#: What a button takes back: the address that it posts to, fields, and ids.
Undo = tuple[str, dict[str, str], Sequence[str]]


@dataclass(frozen=True)
class Flash:
    """`kind` is `success`, `info`, `warning` or `danger`; with `undo_address` there is a button that posts there."""

    text: str
    kind: str = "success"
    undo_address: str = ""
    undo_fields: Mapping[str, str] = field(default_factory=dict)
    undo_ids: Sequence[str] = ()


def put_flash(response: Response, flash: Flash) -> None:
    """Let the next page show it."""
    said = asdict(replace(flash, text=flash.text[:_LONGEST]))
    value = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
    response.set_cookie(_COOKIE, value, max_age=60, httponly=True, samesite="lax")


def read_flash(request: Request) -> Flash | None:
    """What a page before has left; anything else in the cookie is nothing."""
    try:
        flash = Flash(**json.loads(base64.urlsafe_b64decode(request.cookies.get(_COOKIE, ""))))
    except (binascii.Error, ValueError, TypeError):
        return None
    return flash if flash.kind in _KINDS and isinstance(flash.text, str) else None


def forget_flash(response: Response) -> None:
    """It was shown."""
    response.delete_cookie(_COOKIE, httponly=True, samesite="lax")
