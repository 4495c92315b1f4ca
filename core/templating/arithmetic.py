"""Sums of Twig: numbers, also those written as texts; what would take for ever is an error."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from core.exceptions import Error
from core.templating.limits import MAX_DIGITS, allow_digits
from core.templating.php_values import to_number

Number = int | float


def calculate(sign: str, left: Any, right: Any) -> Any:
    """The result of `+ - * / // % **`.

    Null is 0, and a text that is a number counts as one. Moments and durations may be added to and taken from each
    other. Raises Error for what is no number, and for a division by zero.
    """
    if isinstance(left, date | timedelta) and isinstance(right, date | timedelta):
        return _calculate_time(sign, left, right)
    try:
        return OPERATIONS[sign](to_number(left), to_number(right))
    except ZeroDivisionError:
        raise Error("Division by zero.") from None
    except OverflowError:
        raise Error(f"The result of '{sign}' is too large a number.") from None


def _calculate_time(sign: str, left: Any, right: Any) -> Any:
    if sign not in "+-":
        raise Error(f"Moments and durations cannot be used with '{sign}'.")
    try:
        return left + right if sign == "+" else left - right
    except (TypeError, OverflowError) as error:
        raise Error(f"Moments and durations that do not fit: {error}.") from error


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _remainder(left: Number, right: Number) -> int:
    """Of whole numbers, with the sign of the first one."""
    whole, divisor = int(left), int(right)
    return int(math.copysign(1, whole)) * (abs(whole) % abs(divisor))


def _multiply(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        allow_digits(_digits(left) + _digits(right))
    return left * right


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1:
        allow_digits(_digits(base) * exponent if exponent < MAX_DIGITS else exponent)
    result: complex | Number = base**exponent
    if isinstance(result, complex):
        raise Error("A root of a number below zero is no number.")
    return result


def _digits(number: int) -> int:
    """About how many decimal places a whole number has."""
    return number.bit_length() * 3 // 10 + 1


OPERATIONS: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _multiply,
    "/": _divide,
    "//": lambda left, right: math.floor(left // right),
    "%": _remainder,
    "**": _power,
}
