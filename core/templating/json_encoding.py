"""JSON as Twig's `json_encode` writes it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from core.exceptions import Error
from core.templating.limits import allow_items, allow_text

#: The options that are known, by the numbers that they have where Twig comes from.
PLAIN_SLASHES = 64
PRETTY = 128
PLAIN_UNICODE = 256
ZERO_FRACTION = 1024
OPTIONS = PLAIN_SLASHES | PRETTY | PLAIN_UNICODE | ZERO_FRACTION
READABLE = PLAIN_SLASHES | PLAIN_UNICODE

_INDENT = "    "
_DEEPEST = 100


def encode_json(value: Any, options: int = 0) -> str:
    """A value as JSON; `/` and what is not ASCII are escaped unless the options say otherwise.

    Options add up: 64 leaves slashes, 128 breaks lines, 256 leaves other letters, 1024 writes 5.0 and not 5. Raises
    Error for others, and for what is too deep, too large or no JSON.
    """
    if options & ~OPTIONS:
        raise Error(f"json_encode knows the options 64, 128, 256 and 1024, and sums of them; {options} is none.")
    encoding = _Encoding(options)
    encoding.write(value, 0)
    return "".join(encoding.parts)


class _Encoding:
    def __init__(self, options: int) -> None:
        self.parts: list[str] = []
        self._options = options
        # An array may hold another one twice, and that yet another one twice: what is written is counted.
        self._length = 0

    def write(self, value: Any, depth: int) -> None:
        if depth > _DEEPEST:
            raise Error(f"json_encode goes down {_DEEPEST} levels, and there are more.")
        allow_items(len(self.parts))
        if isinstance(value, Mapping):
            self._write_all("{", value.items(), "}", depth)
        elif isinstance(value, list | tuple | set | frozenset):
            self._write_all("[", ((None, item) for item in value), "]", depth)
        else:
            self._add(self._scalar(value))

    def _write_all(self, begin: str, items: Iterable[tuple[Any, Any]], end: str, depth: int) -> None:
        is_pretty = bool(self._options & PRETTY)
        separator = f"\n{_INDENT * (depth + 1)}" if is_pretty else ""
        before = begin
        for key, item in items:
            name = "" if begin == "[" else self._text(str(key)) + (": " if is_pretty else ":")
            self._add(f"{before}{separator}{name}")
            before = ","
            self.write(item, depth + 1)
        is_empty = before == begin
        self._add(begin + end if is_empty else f"\n{_INDENT * depth}{end}" if is_pretty else end)

    def _add(self, text: str) -> None:
        self._length += len(text)
        allow_text(self._length)
        self.parts.append(text)

    def _scalar(self, value: Any) -> str:
        if isinstance(value, float):
            return self._float(value)
        if value is None or isinstance(value, bool | int):
            return json.dumps(value)
        if isinstance(value, date):
            return self._text(value.isoformat())
        return self._text(str(value))

    def _float(self, value: float) -> str:
        if not math.isfinite(value):
            raise Error("json_encode cannot write what is infinite or no number.")
        text = repr(value)
        return text if self._options & ZERO_FRACTION else text.removesuffix(".0")

    def _text(self, text: str) -> str:
        encoded = json.dumps(text, ensure_ascii=not self._options & PLAIN_UNICODE)
        return encoded if self._options & PLAIN_SLASHES else encoded.replace("/", "\\/")
