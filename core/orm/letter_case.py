"""Capital and small letters, letter by letter and whatever the language: the same on every database.

MariaDB knows those of Latin, Greek, Cyrillic and Armenian only.
"""

from __future__ import annotations

from functools import cache

# Behind it there are no letters that come in pairs.
_LAST = 0x1E943
# Its small letter would be two characters; databases take the first of them.
_DOTTED = "\u0130"


def lower(text: str) -> str:
    """The text in small letters; as many characters as before."""
    return text.lower() if text.isascii() else text.translate(_small())


def upper(text: str) -> str:
    """The text in capital letters; as many characters as before."""
    return text.upper() if text.isascii() else text.translate(_capital())


def alike(letter: str) -> str:
    """The letters that have the same small letter, this one included."""
    small = lower(letter)
    return small + _capitals().get(small, "")


def pairs(*, to_lower: bool) -> tuple[str, str]:
    """All letters that `lower` (or `upper`) changes, and what they become, in the same order."""
    changed = _small() if to_lower else _capital()
    return "".join(map(chr, changed)), "".join(changed.values())


@cache
def _small() -> dict[int, str]:
    found = {code: chr(code).lower() for code in range(_LAST + 1)}
    return {code: small for code, small in found.items() if len(small) == 1 and small != chr(code)} | {
        ord(_DOTTED): "i"
    }


@cache
def _capital() -> dict[int, str]:
    found = {code: _one_capital(chr(code)) for code in range(_LAST + 1)}
    return {code: capital for code, capital in found.items() if capital != chr(code)}


def _one_capital(letter: str) -> str:
    # Some Greek letters become two in upper(), and in title() the one that databases know.
    return next((each for each in (letter.upper(), letter.title()) if len(each) == 1), letter)


@cache
def _capitals() -> dict[str, str]:
    """From a small letter to all that have it."""
    found: dict[str, str] = {}
    for code, small in _small().items():
        found[small] = found.get(small, "") + chr(code)
    return found
