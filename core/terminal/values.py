"""What a person may write behind an option; a wrong value is a ConsoleError that names the option."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core import clock
from core.exceptions import ConsoleError, did_you_mean

_MOST_DIGITS = 18


def to_number(option: str, text: str) -> float:
    """Any finite number."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConsoleError(f"{option} needs a number, not {text!r}.")
    return number


def to_seconds(option: str, text: str) -> float:
    """A duration in seconds, 0 or more."""
    seconds = to_number(option, text)
    if seconds < 0:
        raise ConsoleError(f"{option} needs a number of seconds, 0 or more, not {text!r}.")
    return seconds


def to_count(option: str, text: str) -> int:
    """A whole number, 1 or more, that a database can count to."""
    return to_whole_number(option, text, least=1)


def to_whole_number(option: str, text: str, *, least: int = 0) -> int:
    """A whole number, `least` or more, that a database can count to."""
    is_whole = text.isascii() and text.isdigit()
    if is_whole and len(text) > _MOST_DIGITS:
        raise ConsoleError(f"{option} needs a whole number of at most {_MOST_DIGITS} digits, not {text!r}.")
    if not is_whole or int(text) < least:
        raise ConsoleError(f"{option} needs a whole number, {least} or more, not {text!r}.")
    return int(text)


def to_moment(option: str, text: str) -> datetime:
    """A moment in UTC from ISO 8601, or AtroCore's `2026-11-23 10:20:30`; without a zone it is UTC."""
    try:
        return clock.from_text(text)
    except (ValueError, OverflowError) as error:
        raise ConsoleError(
            f"{option} needs a time in UTC, such as '2026-11-23 10:20:30' or '2026-11-23T11:20:30+01:00', not {text!r}."
        ) from error


def to_json_object(option: str, text: str) -> dict[str, Any]:
    """A JSON object; where it is none the error says in which line and column."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ConsoleError(
            f"{option} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConsoleError(f"{option} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ConsoleError(f'{option} needs a JSON object such as {{"key": "value"}}, not {text!r}.')
    return value


def one_of(option: str, text: str, allowed: Iterable[str]) -> str:
    """One of the allowed words."""
    names = list(allowed)
    if text not in names:
        known = did_you_mean(text, names) or f" It is one of {', '.join(names)}."
        raise ConsoleError(f"{option} cannot be {text!r}.{known}")
    return text


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
