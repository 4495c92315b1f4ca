"""Keys that job types compute from payloads: a text with names of the payload's values in braces."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

#: What the columns hold; longer ones would not fit into an index of MariaDB beside type and status.
LONGEST_KEY = 150
_PLACE = re.compile(r"\{([^{}]+)\}")
_DIGEST_LENGTH = 64


class KeyTemplate:
    """`order {order.id} of {customer}`: names are keys of the payload, dots lead into its objects; nothing is executed.

    Raises ValueError for a text whose braces do not enclose names.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text:
            raise ValueError(f"is {text!r}, which is no text")
        if re.search(r"[{}]", _PLACE.sub("", text)):
            raise ValueError(f'is {text!r}: a name of the payload stands in single braces, such as "{{customer}}"')
        self.text = text

    def key(self, payload: Mapping[str, Any] | None) -> str:
        """The key; raises KeyError with the name that the payload has no value for.

        One that is too long for a column ends in a digest of all of it.
        """
        key = _PLACE.sub(lambda place: _as_text(_value(payload or {}, place[1].strip())), self.text)
        if len(key) <= LONGEST_KEY:
            return key
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{key[: LONGEST_KEY - _DIGEST_LENGTH - 1]}#{digest}"

    @property
    def names(self) -> Iterator[str]:
        """The names in braces."""
        return (place[1].strip() for place in _PLACE.finditer(self.text))


def _value(payload: Mapping[str, Any], name: str) -> Any:
    value: Any = payload
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        raise KeyError(name)
    return value


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
