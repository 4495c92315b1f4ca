"""JSON as it is kept in columns: compact, one line, no escapes beyond the needed ones."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def compact_json(value: Any) -> str:
    """The value as compact JSON; raises TypeError or ValueError where JSON or UTF-8 has no form for it."""
    try:
        text = _encode(value)
    except RecursionError as error:
        raise ValueError("It is nested too deeply") from error
    if not text.isascii():
        text.encode()  # half of a surrogate pair is no text for any database
    return text


def parse_json(text: str) -> Any:
    """What `compact_json` was given, with lists for tuples."""
    return json.loads(text)
