"""Twig's `escape`: texts that may stand in HTML, in an attribute, in JavaScript, in CSS, in an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from core.exceptions import Error, did_you_mean
from core.templating.limits import MAX_TEXT, allow_text
from core.templating.php_values import is_array, pairs, to_text

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;"})
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_JS = {"\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNRESERVED = "-_.~"
_DEEPEST = 100


def escape(value: Any, strategy: str = "html") -> str:
    """The text for `html`, `html_attr`, `js`, `css` or `url`."""
    if strategy not in STRATEGIES:
        raise Error(f"There is no escaping '{strategy}'.{did_you_mean(str(strategy), STRATEGIES)}")
    return STRATEGIES[strategy](to_text(value))


def url_encode(value: Any) -> str:
    """A text as a part of a path, an array as a query (RFC 3986): `a=1&b%5B0%5D=x`."""
    if not is_array(value):
        return quote(to_text(value), safe=_UNRESERVED)
    return "&".join(_parameters(value, "", 0, [MAX_TEXT]))


def escape_html(text: str) -> str:
    """The text for HTML, also within quotes."""
    return text.translate(_HTML)


def _parameters(value: Any, name: str, depth: int, left: list[int]) -> list[str]:
    """The parameters of a query, while there are characters left for them."""
    if depth > _DEEPEST:
        raise Error(f"url_encode goes down {_DEEPEST} levels, and there are more.")
    found: list[str] = []
    for key, item in pairs(value):
        inner = f"{name}[{key}]" if name else str(key)
        if is_array(item):
            found += _parameters(item, inner, depth + 1, left)
        elif item is not None:
            text = "0" if item is False else to_text(item)
            left[0] -= len(inner) + len(text)
            allow_text(MAX_TEXT - left[0])
            found.append(f"{quote(inner, safe=_UNRESERVED)}={quote(text, safe=_UNRESERVED)}")
    return found


def _escape_attribute(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9,.\-_]", lambda match: _attribute_character(match[0]), text)


def _attribute_character(character: str) -> str:
    code = ord(character)
    if (code <= 0x1F and character not in "\t\n\r") or 0x7F <= code <= 0x9F:
        return "&#xFFFD;"  # no character of HTML
    return _NAMED.get(character) or (f"&#x{code:02X};" if code < 0x80 else f"&#x{code:04X};")


def _escape_js(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9,._]", lambda match: _JS.get(match[0]) or _utf16(match[0]), text)


def _utf16(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex().upper()}" for at in range(0, len(units), 2))


def _escape_css(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", lambda match: f"\\{ord(match[0]):X} ", text)


STRATEGIES: Mapping[str, Callable[[str], str]] = {
    "html": escape_html,
    "html_attr": _escape_attribute,
    "js": _escape_js,
    "css": _escape_css,
    "url": url_encode,
}
