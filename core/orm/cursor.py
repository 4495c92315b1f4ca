"""The text that says where a page ends."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from core import clock
from core.exceptions import BadRequest
from core.orm.ordering import OrderKey
from core.orm.sorted_rows import Position

_LONGEST = 20_000
_SIGNATURE_LENGTH = 12


def to_cursor(entity: str, order: Sequence[OrderKey], position: Position) -> str:
    """A text for URLs that names a position in an order of one entity type; BadRequest where it would be too long."""
    content = [_signature(entity, order), *(_for_json(each) for each in position)]
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    if len(cursor) > _LONGEST:
        raise BadRequest(f"{entity} in the order {', '.join(map(str, order))} has no pages: a value is too long.")
    return cursor


def from_cursor(entity: str, order: Sequence[OrderKey], cursor: str) -> Position:
    """The position; raises BadRequest where the cursor is none, or belongs to another entity type or order."""
    signature, *values = _content(cursor)
    if signature != _signature(entity, order) or len(values) != len(order):
        raise BadRequest(
            f"This cursor is none of {entity} in the order {', '.join(map(str, order))}: "
            "it leads on only in the query, and the order, that it comes from.",
            field="after",
        )
    try:
        return tuple(
            None if value is None else key.term.type.normalise(value) for key, value in zip(order, values, strict=True)
        )
    except ValueError as error:
        raise _is_none() from error


def _content(cursor: Any) -> list[Any]:
    if not isinstance(cursor, str) or len(cursor) > _LONGEST:
        raise _is_none()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _is_none() from error
    if not isinstance(content, list) or not content:
        raise _is_none()
    return content


def _is_none() -> BadRequest:
    return BadRequest("This is no cursor; take that of the page before, or none for the first page.", field="after")


def _signature(entity: str, order: Sequence[OrderKey]) -> str:
    named = "\n".join([entity, *map(str, order)])
    return hashlib.sha256(named.encode()).hexdigest()[:_SIGNATURE_LENGTH]


def _for_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.to_iso(value)
    return value.isoformat() if isinstance(value, date) else value
