"""Twig's `format`: the placeholders of C's `printf`, as PHP has them."""

from __future__ import annotations

import re
from typing import Any

from core.exceptions import Error
from core.templating.limits import allow_digits, allow_text
from core.templating.php_values import to_int, to_number, to_text

_PLACEHOLDER = re.compile(
    r"%(?:(?P<number>\d+)\$)?(?P<flags>(?:[-+ 0]|'.)*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?(?P<kind>.?)", re.DOTALL
)
_BITS = 64


def sprintf(format_string: Any, *arguments: Any) -> str:
    """The text with its placeholders filled: `%s %d %05.2f %'*10s %-8s %+d %x %1$s %%`.

    Raises Error for an unknown placeholder, and where there is no argument for one.
    """
    counter = iter(range(len(arguments)))
    length = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal length
        if match["kind"] == "%":
            return "%"
        index = int(match["number"][:9]) - 1 if match["number"] else next(counter, len(arguments))
        if not 0 <= index < len(arguments):
            raise Error(f"format has {len(arguments)} values, and '{match[0]}' wants another one.")
        text = _filled(match, arguments[index])
        length += len(text)
        allow_text(length)
        return text

    return _PLACEHOLDER.sub(fill, to_text(format_string))


def _filled(match: re.Match[str], value: Any) -> str:
    width, precision = (int(match[name][:9]) if match[name] else None for name in ("width", "precision"))
    for places in (width, precision):
        allow_digits(places or 0)
    flags = match["flags"]
    pad = next((flag[-1] for flag in reversed(re.findall(r"'.|[0 ]", flags, re.DOTALL))), " ")
    text = _converted(match["kind"], value, precision, "+" if "+" in re.sub(r"'.", "", flags) else "")
    return _padded(text, width or 0, pad, is_left="-" in re.sub(r"'.", "", flags))


def _converted(kind: str, value: Any, precision: int | None, sign: str) -> str:
    match kind:
        case "s":
            return to_text(value)[:precision]
        case "d" | "i":
            return f"{to_int(value):{sign}d}"
        case "u":
            return str(to_int(value) % 2**_BITS)
        case "f" | "F":
            return f"{to_number(value):{sign}.{6 if precision is None else precision}f}"
        case "e" | "E":
            # One digit of the exponent at least, where Python writes two.
            text = f"{to_number(value):{sign}.{6 if precision is None else precision}{kind}}"
            return re.sub(r"(e[+-])0+(?=\d)", r"\1", text, flags=re.IGNORECASE)
        case "g" | "G":
            return f"{to_number(value):{sign}.{6 if precision is None else precision}{kind}}"
        case "x" | "X" | "o" | "b":
            return f"{to_int(value) % 2**_BITS:{kind}}"
        case "c":
            return chr(to_int(value) % 256)
    raise Error(f"format knows no placeholder '%{kind}'; %s, %d and %.2f are some.")


def _padded(text: str, width: int, pad: str, *, is_left: bool) -> str:
    missing = width - len(text)
    if missing <= 0:
        return text
    if is_left:
        return text + (pad if pad != "0" else " ") * missing
    if pad == "0" and text[:1] in "+-":
        return text[0] + pad * missing + text[1:]
    return pad * missing + text
