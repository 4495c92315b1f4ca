"""How much a small template may make of itself: what goes over a limit is an error, not an exhausted machine."""

from __future__ import annotations

from typing import Any

from core.exceptions import Error

#: Numbers or letters of a range; as in Jinja's sandbox.
MAX_RANGE = 100_000
#: Characters of one text.
MAX_TEXT = 10_000_000
#: Items of one array.
MAX_ITEMS = 1_000_000
#: Places before or after the point that a number can be asked to have.
MAX_DIGITS = 1_000


def allow_text(length: int) -> None:
    """Raise Error where a text of so many characters would be too long."""
    if length > MAX_TEXT:
        raise Error(f"A text of {length} characters is too long; {MAX_TEXT} are allowed.")


def allow_items(count: int, most: int = MAX_ITEMS) -> None:
    """Raise Error where an array of so many items would be too long."""
    if count > most:
        raise Error(f"{count} items are too many; {most} are allowed.")


def allow_digits(count: int) -> None:
    """Raise Error where a number of so many places would be too long."""
    if count > MAX_DIGITS:
        raise Error(f"{count} places are too many for a number; {MAX_DIGITS} are allowed.")


def allow(value: Any) -> Any:
    """The value, or Error where it is too long a text or array."""
    if isinstance(value, str):
        allow_text(len(value))
    elif isinstance(value, list | dict):
        allow_items(len(value))
    return value
