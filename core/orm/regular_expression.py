"""Patterns of fields: Python's regular expressions, also between PHP's delimiters."""

from __future__ import annotations

import re
import warnings

#: No longer text is matched: the time of a pattern grows with the text, of a careless one faster than that.
LONGEST_MATCHED = 10_000

_DELIMITED = re.compile(r"(?P<delimiter>[/#~])(?P<pattern>.*)(?P=delimiter)(?P<flags>[A-Za-z]*)", re.DOTALL)
# `u` says that the text is Unicode, as it always is here.
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.UNICODE}


def compile_pattern(text: str) -> re.Pattern[str]:
    """`^[a-z]+$`, or as PHP has it `/^[a-z]+$/i`; raises ValueError that says why it is none."""
    flags = re.UNICODE
    delimited = _DELIMITED.fullmatch(text)
    if delimited:
        text = delimited["pattern"]
        for letter in delimited["flags"]:
            if letter not in _FLAGS:
                raise ValueError(f"has the flag '{letter}'; there are {', '.join(_FLAGS)}")
            flags |= _FLAGS[letter]
    try:
        with warnings.catch_warnings():
            # What Python warns of, such as `[[:alpha:]]`, means something else in PHP.
            warnings.simplefilter("error")
            return re.compile(text, flags)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {error}") from error
