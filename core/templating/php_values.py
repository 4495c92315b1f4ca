"""Values as Twig's own language takes them: what they print, what number they are, how they compare.

An array is a list or a dict. Where a function of Twig keeps the keys of a list that are no longer 0, 1, 2, a dict comes
of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.exceptions import Error
from core.templating.json_encoding import READABLE, encode_json

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)
#: Digits of a number that is printed.
_PRECISION = 14
#: The longest text that is read as a number: Python refuses longer ones, and counting their digits takes time.
_LONGEST_NUMBER = 400


def to_text(value: Any) -> str:
    """What a value prints: nothing for null and false, 1 for true, moments as AtroCore writes them, arrays as JSON."""
    if isinstance(value, str):
        return str.__str__(value)  # a plain one, also of a text that is marked as safe: its methods do otherwise
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, datetime):
        return to_utc(value).strftime("%Y-%m-%d %H:%M:%S")
    if is_array(value):
        return encode_json(value, READABLE)
    return str(value)


def float_text(value: float) -> str:
    """A float with 14 digits at most: `0.3` for 0.1 + 0.2, `5` for 5.0, `1.0E+25`."""
    if not math.isfinite(value):
        return "NAN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    mantissa, _, exponent = f"{value:.{_PRECISION}G}".partition("E")
    if not exponent:
        return mantissa
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}E{exponent[0]}{exponent[1:].lstrip('0')}"


def to_number(value: Any) -> int | float:
    """A number, also one written as a text; null is 0. Raises Error for what is none."""
    if value is None:
        return 0
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and is_numeric(value):
        return numeric(value)
    raise Error(f"{shown(value)} is not a number.")


def to_int(value: Any) -> int:
    """A whole number; decimals are cut off. Raises Error for what is none."""
    number = to_number(value)
    if not math.isfinite(number):
        raise Error(f"{float_text(number)} is not a whole number.")
    return int(number)


def is_numeric(text: str) -> bool:
    """Whether a text is a number."""
    return len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def numeric(text: str) -> int | float:
    """The number that a numeric text is."""
    return int(text) if text.strip().lstrip("+-").isdigit() else float(text)


def to_bool(value: Any) -> bool:
    """What a value is worth in a comparison with true or false: `"0"` is false."""
    return False if value == "0" else bool(value)


def to_utc(moment: datetime) -> datetime:
    """An aware moment in UTC; one without a zone is UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_array(value: Any) -> bool:
    """Whether a value is what Twig calls a sequence or a mapping."""
    return isinstance(value, Mapping | list | tuple | set | frozenset)


def is_iterable(value: Any) -> bool:
    """Whether a loop can go through a value; a text is none."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def pairs(value: Any, who: str = "") -> list[tuple[Any, Any]]:
    """Keys and values of an array; Error for what is none, in the name of the filter."""
    if isinstance(value, Mapping):
        return list(value.items())
    if is_iterable(value):
        return list(enumerate(value))
    raise Error(f"The filter '{who}' expects a sequence or a mapping, and got {shown(value)}.")


def values(value: Any, who: str = "") -> list[Any]:
    """The values of an array; Error for what is none, in the name of the filter."""
    return list(value.values()) if isinstance(value, Mapping) else [item for _, item in pairs(value, who)]


def as_array(items: Iterable[tuple[Any, Any]]) -> Any:
    """A list where the keys are 0, 1, 2, else a dict."""
    array = dict(items)
    return list(array.values()) if list(array) == list(range(len(array))) else array


def renumbered(items: Iterable[tuple[Any, Any]]) -> Any:
    """An array in which the numbers among the keys count from 0 anew."""
    array: dict[Any, Any] = {}
    count = 0
    for key, value in items:
        if isinstance(key, int):
            array[count] = value
            count += 1
        else:
            array[key] = value
    return as_array(array.items())


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1: how Twig orders two values. Numbers count as such where both are or look like some."""
    if left is right:
        return 0
    if isinstance(left, bool) or isinstance(right, bool):
        return _order(to_bool(left), to_bool(right))
    if left is None or right is None:
        return _compare_null(left, right)
    if isinstance(left, str) or isinstance(right, str):
        return _compare_text(left, right)
    if is_array(left) or is_array(right):
        return _compare_arrays(left, right)
    return _order(_comparable(left), _comparable(right))


def is_same(left: Any, right: Any) -> bool:
    """Whether two values are of one type and equal."""
    return type(left) is type(right) and bool(left == right)


def shown(value: Any) -> str:
    """How a message shows a value."""
    if is_array(value):
        return "a mapping" if isinstance(value, Mapping) else "a sequence"
    text = repr(value) if isinstance(value, str | int | float) else type(value).__name__
    return "null" if value is None else text if len(text) <= 60 else f"{text[:60]}..."


def _compare_null(left: Any, right: Any) -> int:
    if isinstance(left, str) or isinstance(right, str):
        return _order(left or "", right or "")
    return _order(to_bool(left), to_bool(right))


def _compare_text(left: Any, right: Any) -> int:
    if is_array(left) or is_array(right):
        return 1 if is_array(left) else -1
    if all(isinstance(each, int | float) or (isinstance(each, str) and is_numeric(each)) for each in (left, right)):
        return _order(to_number(left), to_number(right))
    return _order(to_text(left), to_text(right))


def _compare_arrays(left: Any, right: Any) -> int:
    if not is_array(left) or not is_array(right):
        return 1 if is_array(left) else -1
    if len(left) != len(right):
        return _order(len(left), len(right))
    others = dict(pairs(right))
    for key, value in pairs(left):
        if key not in others:
            return 1
        if order := compare(value, others[key]):
            return order
    return 0


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _order(left: Any, right: Any) -> int:
    if left == right:
        return 0
    try:
        return -1 if left < right else 1
    except TypeError:  # two things that have no order are at least not equal
        return 1
