"""What of secrets leaves by the web: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from core.config import Config

#: What stands in the place of a secret.
REDACTED = "[redacted]"
_DEEPEST = 100
#: Patterns of the configuration see so much of a text at a time, and one that begins in the overlap is seen whole.
_WINDOW, _OVERLAP = 10_000, 1_000
#: What is shorter holds no word with a secret behind it.
_SHORTEST = 7
_SECRET_KEY = re.compile(
    r"passwor[dt]|kennwort|passwd|passphrase|secret|authorization|apikey|accesskey|privatekey|credential|cookie|token$|^pwd$|^auth$"
)
_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]")
#: Every repetition has a limit, so that each place of a text costs no more than that.
_IN_TEXTS = re.compile(
    r"""
    (?P<url>\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]{0,200}:)[^\s/@]{1,500}(?=@)
    | (?P<scheme>\b(?:bearer|basic)\s{1,5})[\w+/=.~-]{8,4000}
    | (?P<key>(?<![\w-])[\w-]{0,40}(?:passwor[dt]|kennwort|passwd|pwd|passphrase|secret|authorization
        | api[_-]?key|access[_-]?key|token)[\w-]{0,20}["']?\s{0,5}(?:=>|[:=])\s{0,5})(?!\[redacted\])
      (?:"(?:[^"\\\n]|\\.){0,4000}"? | '(?:[^'\\\n]|\\.){0,4000}'? | (?:(?:bearer|basic)\s{1,5})?[^\s"',;&)}\]]{1,4000})
    | -----BEGIN\ [A-Z ]{0,30}PRIVATE\ KEY-----(?:(?!-----)[\s\S]){0,20000}(?:-----END\ [A-Z ]{0,30}PRIVATE\ KEY-----)?
    | \bpyatro_[\w-]{20,100}
    | \beyJ[\w-]{5,4000}\.[\w-]{5,8000}\.[\w-]{5,4000}
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Redaction:
    """Takes secrets out of what is shown: by the names of keys, and by what texts look like.

    To what it knows itself the setting `redact` adds: a word is a part of a key's name, a text between slashes a
    pattern of what is a secret in any text. It does not know a password that stands somewhere without a word.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    def redact(self, value: Any, key: str | None = None) -> Any:
        """The value, of JSON or a text, with `[redacted]` in the place of secrets; `key` is its own name, if any.

        What is None, a yes or a no is none. The value itself stays as it is.
        """
        return _Pass(self._config.get("redact")).value(value, key, 0)

    def redact_part(self, text: str, begin: int, end: int) -> str:
        """What stands from `begin` to `end` in a text: a secret that lies across one of the two is found as a whole."""
        return _Pass(self._config.get("redact")).text(text, begin, end)

    def restored(self, given: Any, stored: Any, key: str | None = None, level: int = 0) -> Any:
        """What somebody sends back, where it is as it was shown, as it is stored; `redact` undone, place by place."""
        if level > _DEEPEST:
            return given
        if isinstance(given, Mapping) and isinstance(stored, Mapping):
            return {name: self.restored(each, stored.get(name), str(name), level + 1) for name, each in given.items()}
        if isinstance(given, list) and isinstance(stored, list) and len(given) == len(stored):
            return [self.restored(each, other, None, level + 1) for each, other in zip(given, stored, strict=True)]
        if isinstance(given, str) and REDACTED in given and given == self.redact(stored, key):
            return stored
        return given

    def is_secret(self, key: str) -> bool:
        """Whether what has this name is a secret as a whole."""
        return _Pass(self._config.get("redact")).is_secret(key)


class _Pass:
    def __init__(self, settings: Iterable[str]) -> None:
        self._words = [_plain(each) for each in settings if not is_pattern(each)]
        self._patterns = [re.compile(each[1:-1]) for each in settings if is_pattern(each)]

    def value(self, value: Any, key: str | None, level: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if level > _DEEPEST or (key is not None and value not in ("", [], {}) and self.is_secret(key)):
            return REDACTED
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.value(each, str(name), level + 1) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each, None, level + 1) for each in value]
        return value

    def text(self, text: str, begin: int = 0, end: int | None = None) -> str:
        end = len(text) if end is None else end
        kept: list[str] = []
        at = begin
        for first, last in sorted(self._secrets(text)):
            if last <= at or first >= end:
                continue
            if first >= at or not kept:
                kept += [text[at:first], REDACTED]
            at = last
        return "".join([*kept, text[at:end]])

    def _secrets(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand; some may overlap."""
        if len(text) >= _SHORTEST:
            for match in _IN_TEXTS.finditer(text):
                yield match.start() + len(match["url"] or match["scheme"] or match["key"] or ""), match.end()
        for pattern in self._patterns:
            yield from _spans(pattern, text)

    def is_secret(self, key: str) -> bool:
        return _is_secret(key) or any(word in _plain(key) for word in self._words)


def has_redacted(value: Any) -> bool:
    """Whether `[redacted]` stands anywhere in a value, however deep."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and REDACTED in each:
            return True
        if isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
    return False


def is_pattern(setting: str) -> bool:
    """Whether one of the setting `redact` is a pattern, and no word."""
    return len(setting) > 2 and setting[0] == setting[-1] == "/"


@lru_cache(maxsize=4096)
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.search(_plain(key)) is not None


def _plain(key: str) -> str:
    return _NOT_OF_A_NAME.sub("", key[:200].lower())


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where it matches, in windows that overlap; a text that is no longer than one is looked at as a whole."""
    for begin in range(0, max(1, len(text) - _OVERLAP), _WINDOW - _OVERLAP):
        for match in pattern.finditer(text[begin : begin + _WINDOW]):
            if match.group():
                yield begin + match.start(), begin + match.end()
