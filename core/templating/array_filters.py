"""Twig's filters of arrays, and those that take texts and arrays."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

from core.exceptions import Error
from core.templating.limits import MAX_RANGE, allow_items
from core.templating.members import MISSING, member
from core.templating.php_values import (
    as_array,
    compare,
    is_iterable,
    pairs,
    renumbered,
    shown,
    to_int,
    to_text,
    values,
)

#: What a template writes as `(value, key) => ...`.
Arrow = Callable[..., Any]


def batch(items: Any, size: Any, fill: Any = None, preserve_keys: bool = True) -> Any:
    """Arrays of so many items each, the last one filled up with `fill` where it is given."""
    length = to_int(size)
    if length < 1:
        raise Error(f"batch makes parts of 1 or more items, not of {length}.")
    allow_items(length if fill is not None else 0, MAX_RANGE)
    found = pairs(items, "batch")
    parts = [found[at : at + length] for at in range(0, len(found), length)]
    batches = [as_array(part) if preserve_keys else [item for _, item in part] for part in parts]
    if fill is not None and batches:
        batches[-1] = _filled_up(batches[-1], length, fill)
    return batches


def column(items: Any, name: Any, index: Any = None) -> Any:
    """One value of each item that has it; the keys are another value of the item where `index` names it."""
    have = [item for item in values(items, "column") if member(item, name) is not MISSING]
    if index is None:
        return [member(item, name) for item in have]
    return as_array((_key(item, index, number), member(item, name)) for number, item in enumerate(have))


def filter_items(items: Any, arrow: Arrow) -> Any:
    """The items for which the arrow function (value, key) is true, under their keys."""
    _check(arrow, "filter")
    return as_array((key, value) for key, value in pairs(items, "filter") if arrow(value, key))


def map_items(items: Any, arrow: Arrow) -> Any:
    """What the arrow function (value, key) makes of each item, under its key."""
    _check(arrow, "map")
    return as_array((key, arrow(value, key)) for key, value in pairs(items, "map"))


def reduce_items(items: Any, arrow: Arrow, initial: Any = None) -> Any:
    """What the arrow function (carry, value, key) makes of all items, one after the other."""
    _check(arrow, "reduce")
    carry = initial
    for key, value in pairs(items, "reduce"):
        carry = arrow(carry, value, key)
    return carry


def find(items: Any, arrow: Arrow) -> Any:
    """The first item for which the arrow function (value, key) is true, or null."""
    _check(arrow, "find")
    return next((value for key, value in pairs(items, "find") if arrow(value, key)), None)


def first(value: Any) -> Any:
    """The first item or letter; false or an empty text where there is none, as in Twig."""
    found = cut(value, 0, 1)
    return found if isinstance(found, str) else next(iter(values(found)), False)


def last(value: Any) -> Any:
    """The last item or letter; false or an empty text where there is none, as in Twig."""
    found = cut(value, -1, 1)
    return found if isinstance(found, str) else next(iter(values(found)), False)


def keys(value: Any) -> list[Any]:
    """The keys of an array; none of another value."""
    return [key for key, _ in pairs(value)] if is_iterable(value) else []


def length(value: Any) -> int:
    """How many items or letters a value has."""
    if value is None:
        return 0
    if hasattr(value, "__len__"):
        return len(value)
    return len(pairs(value)) if is_iterable(value) else len(to_text(value))


def merge(value: Any, *others: Any) -> Any:
    """The items of all arrays; of two with the same name the later one, while those with numbers follow each other."""
    found = [pair for array in (value, *others) for pair in pairs(array, "merge")]
    allow_items(len(found))
    return renumbered(found)


def reverse(value: Any, preserve_keys: bool = False) -> Any:
    """The items or letters in reverse order; numbers among the keys count anew unless they are preserved."""
    if not is_iterable(value):
        return to_text(value)[::-1]
    backwards = reversed(pairs(value))
    return as_array(backwards) if preserve_keys else renumbered(backwards)


def shuffle(value: Any) -> Any:
    """The items or letters in any order, without their keys."""
    if isinstance(value, str):
        return "".join(shuffle(list(value)))
    if not is_iterable(value):
        return value
    shuffled = values(value)
    random.shuffle(shuffled)
    return shuffled


def cut(value: Any, start: Any, length: Any = None, preserve_keys: bool = False) -> Any:
    """So many items or letters from a place on; numbers below 0 count from the end."""
    begin, count = to_int(start), None if length is None else to_int(length)
    if is_iterable(value):
        found = _cut(pairs(value), begin, count)
        return as_array(found) if preserve_keys else renumbered(found)
    return _cut(to_text(value), begin, count)


def sort(items: Any, arrow: Arrow | None = None) -> Any:
    """In Twig's order, or in that of an arrow function (a, b) that answers below 0, 0 or above; keys are kept."""
    if arrow is not None:
        _check(arrow, "sort")
    order: Arrow = compare if arrow is None else lambda left, right: to_int(arrow(left, right))
    place = cmp_to_key(order)
    return as_array(sorted(pairs(items, "sort"), key=lambda pair: place(pair[1])))


def default(value: Any, default: Any = "") -> Any:
    """The value, or the other one where it is empty, null or not defined; 0 is a value."""
    return default if is_empty(value) else value


def is_empty(value: Any) -> bool:
    """Whether a value is null, false, an empty text or an empty array; 0 is none of them."""
    return value is None or value is False or (hasattr(value, "__len__") and len(value) == 0)


def invoke(arrow: Arrow, *arguments: Any) -> Any:
    """What an arrow function answers."""
    _check(arrow, "invoke")
    return arrow(*arguments)


def _check(arrow: Any, who: str) -> None:
    if not callable(arrow):
        raise Error(f"The filter '{who}' takes an arrow function such as v => v.name, and got {shown(arrow)}.")


def _key(item: Any, index: Any, number: int) -> Any:
    key = member(item, index)
    return number if key is MISSING else key


def _filled_up(part: Any, size: int, fill: Any) -> Any:
    missing = size - len(part)
    if isinstance(part, list):
        return [*part, *[fill] * missing]
    following = max((key + 1 for key in part if isinstance(key, int)), default=0)
    return {**part, **{following + number: fill for number in range(missing)}}


def _cut(found: Any, begin: int, count: int | None) -> Any:
    total = len(found)
    begin = max(0, total + begin) if begin < 0 else begin
    end = total if count is None else begin + count if count >= 0 else total + count
    return found[begin : max(begin, end)]


def as_values(value: Any) -> Any:
    """What a loop with one name goes through: the values of a mapping, nothing of what is no array."""
    if isinstance(value, Mapping):
        return list(value.values())
    return value if is_iterable(value) else []


def as_pairs(value: Any) -> Any:
    """What a loop with two names goes through: keys and values."""
    if isinstance(value, type({}.items())):
        return value
    return pairs(value) if is_iterable(value) else []
