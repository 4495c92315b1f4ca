"""A message that the next page shows once: `Saved.`"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

_COOKIE = "pyatro_flash"
_LONGEST = 1000
_KINDS = ("success", "info", "warning", "danger")


@dataclass(frozen=True)
class Flash:
    """`kind` is `success`, `info`, `warning` or `danger`."""

    text: str
    kind: str = "success"


def put_flash(response: Response, flash: Flash) -> None:
    """Let the next page show it."""
    said = asdict(Flash(flash.text[:_LONGEST], flash.kind))
    value = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
    response.set_cookie(_COOKIE, value, max_age=60, httponly=True, samesite="lax")


def read_flash(request: Request) -> Flash | None:
    """What a page before has left; anything else in the cookie is nothing."""
    try:
        said = json.loads(base64.urlsafe_b64decode(request.cookies.get(_COOKIE, "")))
        flash = Flash(str(said["text"])[:_LONGEST], str(said["kind"]))
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    return flash if flash.kind in _KINDS else None


def forget_flash(response: Response) -> None:
    """It was shown."""
    response.delete_cookie(_COOKIE, httponly=True, samesite="lax")
