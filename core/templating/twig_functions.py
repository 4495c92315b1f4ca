"""Twig's functions."""

from __future__ import annotations

import math
import random
from typing import Any

from core.exceptions import Error
from core.templating.limits import MAX_RANGE, allow_items
from core.templating.members import MISSING, member
from core.templating.php_values import (
    compare,
    is_array,
    is_iterable,
    is_numeric,
    numeric,
    shown,
    to_int,
    to_number,
    to_text,
    values,
)

_LARGEST_RANDOM = 2**31 - 1


def make_range(low: Any, high: Any, step: Any = 1) -> list[Any]:
    """The numbers, or the letters, from one to the other, both included; downwards where the first is the larger."""
    width = abs(to_number(step))
    if not width:
        raise Error("The step of a range is not 0.")
    if all(isinstance(end, str) and end and not is_numeric(end) for end in (low, high)):
        return [chr(code) for code in _steps(ord(low[0]), ord(high[0]), to_int(width) or 1)]
    return _steps(_end(low), _end(high), width)


def cycle(values: Any, position: Any) -> Any:
    """The value at this place of an array that begins again at its end."""
    found = list(values) if is_array(values) and not isinstance(values, dict) else None
    if not found:
        raise Error(f"cycle takes a sequence that is not empty, and got {shown(values)}.")
    return found[to_int(position) % len(found)]


def greatest(*arguments: Any) -> Any:
    """The greatest of the values, or of the values of one array."""
    return _extreme("max", arguments, 1)


def least(*arguments: Any) -> Any:
    """The least of the values, or of the values of one array."""
    return _extreme("min", arguments, -1)


def pick(values: Any = None, max: Any = None) -> Any:  # noqa: A002 - Twig's name for it
    """Any item of an array, letter of a text, or whole number from 0, or up from another, to a greatest one."""
    if values is None:
        return random.randint(0, _LARGEST_RANDOM if max is None else to_int(max))
    if isinstance(values, int | float):
        first, end = (min(0, int(values)), 0 if values < 0 else int(values)) if max is None else (values, to_int(max))
        if int(first) > end:
            raise Error(f"random cannot pick a number from {shown(values)} to {shown(max)}.")
        return random.randint(int(first), end)
    if isinstance(values, str):
        return random.choice(values) if values else ""
    return _pick_item(values) if is_iterable(values) else values


def attribute(object: Any, attribute: Any, arguments: Any = None) -> Any:  # noqa: A002 - Twig's names for them
    """The member of this name, null where there is none; methods are called by their names only, not from here."""
    if arguments:
        raise Error("attribute calls no methods; write entity.method(...).")
    found = member(object, attribute)
    return None if found is MISSING else found


def _steps(first: Any, end: Any, width: Any) -> list[Any]:
    count = math.floor(abs(end - first) / width) + 1
    allow_items(count, MAX_RANGE)
    sign = 1 if end >= first else -1
    return [first + sign * number * width for number in range(count)]


def _end(value: Any) -> int | float:
    if isinstance(value, str) and not is_numeric(value):
        return 0  # beside a number a letter counts nothing
    number = numeric(value) if isinstance(value, str) else to_number(value)
    if not math.isfinite(number):
        raise Error(f"A range cannot end at {to_text(number)}.")
    return number


def _extreme(name: str, arguments: tuple[Any, ...], sign: int) -> Any:
    candidates = values(arguments[0], name) if len(arguments) == 1 else list(arguments)
    if not candidates:
        raise Error(f"{name} takes values, or an array that is not empty.")
    best = candidates[0]
    for each in candidates[1:]:
        if compare(each, best) == sign:
            best = each
    return best


def _pick_item(items: Any) -> Any:
    found = values(items)
    if not found:
        raise Error("random cannot pick from an empty array.")
    return random.choice(found)
