"""Texts that fit a pattern, decided alike by every database: patterns become regular expressions that all of them know.

Their own LIKE and LOWER differ in which letters they take for the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from core.orm.json_text import compact_json
from core.orm.letter_case import alike

LONGEST_PATTERN = 1000
MOST_WILDCARDS = 20

#: Makes a parameter by its name; takes what SQLAlchemy's `bindparam` takes.
Bind = Callable[..., BindParameter[Any]]

_ESCAPE = "\\"
_SPECIAL = re.compile(r"[][\\^$.|?*+(){}/-]")
#: Finds no second way once it has found one; without it three wildcards could take a second for a long text.
_ATOMIC, _PLAIN = "(?>", "(?:"
_END = "(?!.)"
# An element of a JSON array that is a text, or a number, true, false, null; and whether another one follows.
_ITEM = r'(?:"(?>(?:[^"\\]|\\.)*)"|[^"\[\]{},]+)'


class _RegularExpression(TypeDecorator[str]):
    """A regular expression in the words that Python, PCRE (MariaDB) and PostgreSQL have in common."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        # PostgreSQL has no atomic groups, and does not need them: it never tries a second way.
        return value and (value.replace(_ATOMIC, _PLAIN) if dialect.name == "postgresql" else value)


def matches(expression: ColumnElement[Any], name: str, bind: Bind) -> ColumnElement[bool]:
    """Whether a text fits a regular expression, which is the value of the parameter `name`; `bind` makes it."""
    return expression.regexp_match(bind(name, type_=_RegularExpression()))


def elements_expression(texts: Iterable[str]) -> str:
    """The regular expression that JSON arrays of texts fit that have one of these as an element."""
    wanted = "|".join(_SPECIAL.sub(r"\\\g<0>", compact_json(each)) for each in texts)
    return rf"(?s)\A\[(?:{_ITEM},)*?(?:{wanted})[,\]]"


def literally(text: str) -> str:
    """The pattern of LIKE that this text alone fits."""
    return re.sub(r"[\\%_]", r"\\\g<0>", text)


@lru_cache(maxsize=256)
def regular_expression(pattern: str) -> str:
    """A pattern of LIKE as a regular expression: `%` is any text, `_` any character, after `\\` each is itself.

    AtroCore's rule: where the pattern has a `%`, capital and small letters are the same. Raises ValueError for a
    pattern that would take too long.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"has more than {LONGEST_PATTERN} characters")
    if pattern.count("%") > MOST_WILDCARDS:
        raise ValueError(f"has more than {MOST_WILDCARDS} times a %")
    first, *others = _pieces(pattern, ignores_case="%" in pattern)
    if not others:
        return rf"(?s)\A{first}{_END}"
    *middle, last = others
    found = "".join(f"{_ATOMIC}.*?{each})" for each in middle if each)
    return rf"(?s)\A{first}{found}" + (f".*{last}{_END}" if last else "")


def _pieces(pattern: str, *, ignores_case: bool) -> list[str]:
    """What stands between the wildcards, as regular expressions of one length each."""
    pieces = [""]
    is_escaped = False
    for character in pattern:
        if is_escaped or character not in (_ESCAPE, "%", "_"):
            pieces[-1] += _letter(character, ignores_case)
            is_escaped = False
        elif character == _ESCAPE:
            is_escaped = True
        elif character == "_":
            pieces[-1] += "."
        else:
            pieces.append("")
    if is_escaped:  # at the very end it escapes nothing
        pieces[-1] += _letter(_ESCAPE, ignores_case)
    return pieces


def _letter(character: str, ignores_case: bool) -> str:
    letters = alike(character) if ignores_case else character
    return f"[{letters}]" if len(letters) > 1 else _SPECIAL.sub(r"\\\g<0>", character)
