"""Twig's operators that Jinja has not, or has otherwise: `..`, `~`, `matches`, `starts with`, comparisons, `??`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.exceptions import Error
from core.templating.array_filters import as_pairs, as_values, cut
from core.templating.limits import allow_text
from core.templating.php_values import compare, is_iterable, is_same, pairs, to_text, values
from core.templating.twig_functions import make_range

#: What stands behind the last delimiter of a regular expression.
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.UNICODE}
_BRACKETS = {"(": ")", "{": "}", "[": "]", "<": ">"}
_LONGEST_PATTERN = 1000
#: Keeps expressions of polynomial time short, as for the patterns of fields.
_LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Given:
    """A value that is not null, whatever it is worth as a condition."""

    value: Any


def concatenate(left: Any, right: Any) -> str:
    """`~`"""
    first, second = to_text(left), to_text(right)
    allow_text(len(first) + len(second))
    return "".join((first, second))


def starts_with(value: Any, beginning: Any) -> bool:
    """`starts with`, of texts only."""
    return isinstance(value, str) and isinstance(beginning, str) and value.startswith(beginning)


def ends_with(value: Any, ending: Any) -> bool:
    """`ends with`, of texts only."""
    return isinstance(value, str) and isinstance(ending, str) and value.endswith(ending)


def matches(value: Any, pattern: Any) -> bool:
    """`matches`: whether the text has a place that fits the regular expression, written as `/^[a-z]+$/i`."""
    text, expression = to_text(value), to_text(pattern).lstrip()
    if len(expression) > _LONGEST_PATTERN or len(text) > _LONGEST_TEXT:
        raise Error(f"'matches' takes {_LONGEST_PATTERN} characters of expression and {_LONGEST_TEXT} of text at most.")
    end = expression.rfind(_BRACKETS.get(expression[:1], expression[:1] or "/"))
    if end < 1 or expression[0].isalnum() or expression[0] in "\\ ":
        raise Error(f"'{expression}' is no regular expression between two delimiters, such as '/^[a-z]+$/i'.")
    if unknown := set(expression[end + 1 :]) - _FLAGS.keys():
        raise Error(f"The regular expression '{expression}' has the unknown flag '{min(unknown)}'.")
    flags = sum(_FLAGS[flag] for flag in set(expression[end + 1 :]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of what means something else in Python: `[[:alpha:]]`
            return re.search(expression[1:end], text, flags) is not None
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise Error(f"The regular expression '{expression}' is wrong: {error}.") from error


def is_in(value: Any, container: Any) -> bool:
    """`in`: a part of a text, or one of an array's values."""
    if isinstance(container, str):
        return isinstance(value, str | int | float) and not isinstance(value, bool) and to_text(value) in container
    return is_iterable(container) and any(compare(value, item) == 0 for item in values(container))


def has_some(items: Any, arrow: Callable[..., Any]) -> bool:
    """`has some`: whether the arrow function (value, key) is true for any item."""
    return any(arrow(value, key) for key, value in pairs(items, "has some"))


def has_every(items: Any, arrow: Callable[..., Any]) -> bool:
    """`has every`: whether the arrow function (value, key) is true for each item."""
    return all(arrow(value, key) for key, value in pairs(items, "has every"))


def given(value: Any) -> Given | None:
    """The left side of `??`: what is neither null nor undefined is a true condition."""
    return None if value is None else Given(value)


def taken(value: Any) -> Any:
    """The result of `??`."""
    return value.value if isinstance(value, Given) else value


#: By what the parser calls them; no filter that a template can name is called so.
OPERATORS: Mapping[str, Callable[..., Any]] = {
    "==": lambda left, right: compare(left, right) == 0,
    "!=": lambda left, right: compare(left, right) != 0,
    "<": lambda left, right: compare(left, right) < 0,
    ">": lambda left, right: compare(left, right) > 0,
    "<=": lambda left, right: compare(left, right) <= 0,
    ">=": lambda left, right: compare(left, right) >= 0,
    "<=>": compare,
    "===": is_same,
    "!==": lambda left, right: not is_same(left, right),
    "in": is_in,
    "not in": lambda left, right: not is_in(left, right),
    "matches": matches,
    "starts with": starts_with,
    "ends with": ends_with,
    "has some": has_some,
    "has every": has_every,
    "..": make_range,
    "~": concatenate,
    "[:]": cut,
    "given ??": given,
    "taken ??": taken,
    "for values": as_values,
    "for pairs": as_pairs,
}
