"""From a rendered text to the value that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from core import clock

TRUE = ("1", "true", "yes", "on")
FALSE = ("", "0", "false", "no", "off")


def cast(text: str, output_type: str) -> Any:
    """The text as "text", "int", "float", "bool", "date" or "datetime" (aware, in UTC unless it names a zone).

    The word null is None, and so is an empty text where a number or a date is asked for; a template prints it for
    false, so it is False as "bool". Raises ValueError for another text that is no such value, and for an unknown type.
    """
    if output_type not in CASTS:
        raise ValueError(f"There is no output type '{output_type}'; there are {', '.join(CASTS)}.")
    if text.lower() == "null" or (not text and output_type not in ("text", "bool")):
        return None
    return CASTS[output_type](text)


def to_bool(text: str) -> bool:
    word = text.lower()
    if word not in (*TRUE, *FALSE):
        raise ValueError(f"'{text}' is neither true nor false.")
    return word in TRUE


def to_int(text: str) -> int:
    """A whole number; decimals are cut off."""
    return int(text) if text.lstrip("+-").isdigit() else int(float(text))


def to_date(text: str) -> date:
    return datetime.fromisoformat(text).date()


CASTS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "int": to_int,
    "float": float,
    "bool": to_bool,
    "date": to_date,
    "datetime": clock.from_text,
}
