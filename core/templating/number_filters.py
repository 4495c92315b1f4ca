"""Twig's filters of numbers."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from core.exceptions import Error
from core.templating.limits import allow_digits
from core.templating.php_values import shown, to_int, to_number, to_text

_METHODS = {"common": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}
#: Enough for the largest float with all the places that a template may ask for.
_PLACES = 2000


def absolute(value: Any) -> int | float:
    """The number without its sign."""
    return abs(to_number(value))


def round_number(value: Any, precision: Any = 0, method: str = "common") -> float:
    """Rounded to places behind the point, or before it where they are below 0; halves go away from 0."""
    if method not in _METHODS:
        raise Error(f"round knows the methods 'common', 'ceil' and 'floor'; {shown(method)} is none.")
    number = float(to_number(value))
    return float(_rounded(number, to_int(precision), _METHODS[method])) if math.isfinite(number) else number


def number_format(value: Any, decimal: Any = None, decimal_point: Any = None, thousand_sep: Any = None) -> str:
    """With so many places behind the point (none), the point (`.`) and a mark between thousands (`,`)."""
    number = float(to_number(value))
    if not math.isfinite(number):
        return to_text(number).lower()
    places = max(0, 0 if decimal is None else to_int(decimal))
    point = "." if decimal_point is None else to_text(decimal_point)
    mark = "," if thousand_sep is None else to_text(thousand_sep)
    rounded = _rounded(number, places, ROUND_HALF_UP)
    whole, _, fraction = f"{abs(rounded):.{places}f}".partition(".")
    sign = "-" if rounded < 0 else ""
    return sign + f"{int(whole):,}".replace(",", mark) + (point + fraction if fraction else "")


def _rounded(number: float, places: int, how: str) -> Decimal:
    allow_digits(abs(places))
    with localcontext(prec=_PLACES):
        # The shortest text that is this float: what a person means by it.
        return Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), how)
