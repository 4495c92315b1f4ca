"""Twig's tests, the words behind `is`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.exceptions import Error
from core.templating.array_filters import is_empty
from core.templating.members import is_entity
from core.templating.php_values import is_array, is_iterable, is_same, to_int


def is_divisible_by(value: Any, divisor: Any) -> bool:
    """Whether nothing is left over; Error where the divisor is 0."""
    number = to_int(divisor)
    if not number:
        raise Error("Nothing is divisible by 0.")
    return to_int(value) % number == 0


def is_even(value: Any) -> bool:
    """Whether a whole number is even."""
    return to_int(value) % 2 == 0


def is_odd(value: Any) -> bool:
    """Whether a whole number is odd."""
    return to_int(value) % 2 == 1


def is_null(value: Any) -> bool:
    """Whether a value is null or not defined."""
    return value is None


def is_true(value: Any) -> bool:
    """Whether a value is true itself, and not just worth it."""
    return value is True


def is_sequence(value: Any) -> bool:
    """Whether a value is an array with the keys 0, 1, 2."""
    if isinstance(value, Mapping):
        return not value
    return is_array(value)


def is_mapping(value: Any) -> bool:
    """Whether a value is an array with other keys, or an entity."""
    return (isinstance(value, Mapping) and bool(value)) or is_entity(value)


TESTS: Mapping[str, Callable[..., bool]] = {
    "divisible by": is_divisible_by,
    "divisibleby": is_divisible_by,
    "empty": is_empty,
    "even": is_even,
    "iterable": is_iterable,
    "mapping": is_mapping,
    "none": is_null,
    "null": is_null,
    "odd": is_odd,
    "same as": is_same,
    "sameas": is_same,
    "sequence": is_sequence,
    "true": is_true,
}
