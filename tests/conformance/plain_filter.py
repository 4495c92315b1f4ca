"""What conditions mean, in plain Python: what every database is compared with.

A condition is True, False, or None where SQL has NULL.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

Row = dict[str, Any]
Truth = bool | None

#: Other words for an attribute over a link.
ALIASES = {"makerTown": "maker.town", "makerName": "maker.name", "bossTown": "maker.boss.town"}
MANY = {"categories", "things"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Its small letter is two characters in Python.
_DOTTED = "\u0130"


def meets(row: Row, conditions: Any) -> Truth:
    """Whether a row meets conditions of the `where` language: (term, operator, value), or a group."""
    kind, content = conditions[0], conditions[1]
    if kind == "AND":
        return every(meets(row, each) for each in content)
    if kind == "OR":
        return some(meets(row, each) for each in content)
    if kind == "NOT":
        return negated(every(meets(row, each) for each in content))
    return _leaf(row, *conditions)


def every(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return False if False in found else None if None in found else True


def some(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return True if True in found else None if None in found else False


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _leaf(row: Row, term: str, sign: str, value: Any) -> Truth:
    *functions, path = term.split(":")
    if functions == ["HAS"]:
        has = any(each in (row[path] or ()) for each in ([value] if isinstance(value, str) else value))
        return has if sign == "=" else not has
    if path == "categoriesIds":
        return _linked([category["id"] for category in row["categories"]], sign, value)
    if sign.endswith(":"):
        left, right = value_of(row, term), value_of(row, value)
        return None if left is None or right is None else _COMPARE[sign[:-1]](left, right)
    steps = ALIASES.get(path, path).split(".")
    found = _over(row, steps, lambda each: compared(applied(functions, each), sign, value))
    accepts_null = sign == "=" and (value is None or (isinstance(value, list) and None in value))
    if len(steps) > 1 and accepts_null and not MANY & set(steps):
        return found is True or value_of(row, term) is None
    return found


def _over(row: Row, steps: list[str], test: Callable[[Any], Truth]) -> Truth:
    """Over links it is never NULL: one of the entities there meets the condition, or none does."""
    if len(steps) == 1:
        return test(row[steps[0]])
    others = row[steps[0]] if steps[0] in MANY else [row[steps[0]]]
    return any(other is not None and _over(other, steps[1:], test) is True for other in others)


def _linked(ids: list[str], sign: str, value: Any) -> Truth:
    wanted = value if isinstance(value, list) else [value]
    is_linked = any(each in ids if each is not None else not ids for each in wanted)
    return is_linked if sign == "=" else not is_linked


def value_of(row: Row, term: str) -> Any:
    """The value of a term that leads to one."""
    *functions, path = term.split(":")
    found: Any = row
    for step in ALIASES.get(path, path).split("."):
        found = None if found is None else found[step]
    return applied(functions, found)


def compared(left: Any, sign: str, right: Any) -> Truth:
    """One comparison, of values that are not of different kinds."""
    if sign in ("*", "!*"):
        found = None if left is None else is_like(left, right)
        return found if sign == "*" else negated(found)
    if isinstance(right, list) and not isinstance(left, list):
        return _among(left, sign, right)
    if right is None and sign in ("=", "!="):
        return (left is None) == (sign == "=")
    return None if left is None or right is None else _COMPARE[sign](left, right)


def _among(left: Any, sign: str, values: list[Any]) -> Truth:
    if not values:
        return sign == "!="
    if left is None:
        return (sign == "=") if None in values else (False if sign == "!=" and None in values else None)
    return (left in values) == (sign == "=")


def applied(functions: list[str], value: Any) -> Any:
    """The value in functions; the last one is the innermost."""
    for name in reversed(functions):
        value = None if value is None else FUNCTIONS[name](value)
    return value


def small(letter: str) -> str:
    """The one small letter of a letter."""
    lower = "i" if letter == _DOTTED else letter.lower()
    return lower if len(lower) == 1 else letter


def _capital(letter: str) -> str:
    upper = letter.upper()
    return upper if len(upper) == 1 else letter


def _rounded(number: float) -> float:
    return number if abs(number) >= 2**52 else math.copysign(math.floor(abs(number) + 0.5), number)


def _as_date(value: Any) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "YEAR": lambda value: value.year,
    "QUARTER": lambda value: (value.month - 1) // 3 + 1,
    "MONTH": lambda value: value.month,
    "WEEK": lambda value: value.isocalendar().week,
    "DAY": lambda value: value.day,
    "DAYOFWEEK": lambda value: value.isoweekday(),
    "DATE": _as_date,
    "HOUR": lambda value: value.hour,
    "MINUTE": lambda value: value.minute,
    "LOWER": lambda text: "".join(map(small, text)),
    "UPPER": lambda text: "".join(map(_capital, text)),
    "TRIM": lambda text: text.strip(" "),
    "LENGTH": len,
    "ABS": abs,
    "ROUND": _rounded,
}


def is_like(text: str, pattern: str) -> bool:
    """LIKE with `\\` as the escape; with a `%` in the pattern capitals do not matter."""
    same = (lambda a, b: small(a) == small(b)) if "%" in pattern else operator.eq
    # Which beginnings of the text the pattern so far fits.
    fits = [True] + [False] * len(text)
    for token, is_wild in _tokens(pattern):
        if is_wild and token == "%":
            fits = [any(fits[: end + 1]) for end in range(len(text) + 1)]
        else:
            one = (lambda _: True) if is_wild else (lambda letter, wanted=token: same(letter, wanted))
            fits = [False] + [fits[end] and one(text[end]) for end in range(len(text))]
    return fits[-1]


def _tokens(pattern: str) -> list[tuple[str, bool]]:
    tokens: list[tuple[str, bool]] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            tokens.append((next(letters, "\\"), False))
        else:
            tokens.append((letter, letter in "%_"))
    return tokens
