"""Twig's filters of texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from core.exceptions import Error
from core.templating.limits import allow_items, allow_text
from core.templating.php_values import is_array, is_iterable, pairs, shown, to_int, to_text

_SPACE = " \t\n\r\0\x0b"
#: Letters and marks that do not end a word, beside the categories below.
_WITHIN_WORDS = set("'.:^`\u00a8\u2019\u00b7")
_WITHIN_WORD_CATEGORIES = {"Mn", "Me", "Cf", "Lm", "Sk"}


def upper(value: Any) -> str:
    """All letters large."""
    return to_text(value).upper()


def lower(value: Any) -> str:
    """All letters small."""
    return to_text(value).lower()


def capitalize(value: Any) -> str:
    """The first letter large, the others small."""
    text = to_text(value)
    return text[:1].upper() + text[1:].lower()


def title(value: Any) -> str:
    """Each word's first letter large, the others small; `it's` is one word."""
    letters = []
    is_within_word = False
    for letter in to_text(value):
        letters.append(letter.lower() if is_within_word else letter.title())
        if letter not in _WITHIN_WORDS and unicodedata.category(letter) not in _WITHIN_WORD_CATEGORIES:
            is_within_word = letter.isalpha()
    return "".join(letters)


def trim(value: Any, character_mask: Any = None, side: str = "both") -> str:
    """Without white space, or the characters of a mask (`a..z` is a range of them), at its ends."""
    characters = _SPACE if character_mask is None else _expanded(to_text(character_mask))
    strips = {"both": str.strip, "left": str.lstrip, "right": str.rstrip}
    if side not in strips:
        raise Error(f"trim knows the sides 'both', 'left' and 'right'; {shown(side)} is none.")
    return strips[side](to_text(value), characters) if characters else to_text(value)


def nl2br(value: Any) -> str:
    """With `<br />` before each line break."""
    return re.sub(r"(\r\n|\n\r|\n|\r)", r"<br />\1", to_text(value))


def spaceless(value: Any) -> str:
    """HTML without white space between its tags."""
    return re.sub(r">\s+<", "><", to_text(value)).strip(_SPACE)


def replace(value: Any, replace_pairs: Any) -> str:
    """Each key of the array replaced by its value; where two fit at one place the longer one is taken."""
    if not is_array(replace_pairs):
        raise Error(f"replace takes a mapping such as {{'old': 'new'}}, and got {shown(replace_pairs)}.")
    text = to_text(value)
    news = {to_text(old): to_text(new) for old, new in pairs(replace_pairs) if to_text(old)}
    if not news:
        return text
    either = re.compile("|".join(re.escape(old) for old in sorted(news, key=len, reverse=True)))
    allow_text(len(text) + sum(len(news[match[0]]) - len(match[0]) for match in either.finditer(text)))
    return either.sub(lambda match: news[match[0]], text)


def split(value: Any, delimiter: Any = "", limit: Any = None) -> list[str]:
    """The parts between the delimiters; without a delimiter, pieces of `limit` characters.

    Of more parts than a limit above 0 the last one has the rest; a limit below 0 leaves so many out at the end.
    """
    text, between = to_text(value), to_text(delimiter)
    most = None if limit is None else to_int(limit)
    if not between:
        return _pieces(text, max(1, most or 1))
    allow_items(text.count(between))
    if most is None:
        return text.split(between)
    if most < 0:
        return text.split(between)[:most]
    return text.split(between, max(most, 1) - 1)


def join(value: Any, glue: Any = "", last_glue: Any = None) -> str:
    """The items in one text, with the glue between them, and another one before the last."""
    between = to_text(glue)
    texts = list(_texts(value, len(between)))
    if last_glue is None or len(texts) < 2:
        return between.join(texts)
    return between.join(texts[:-1]) + to_text(last_glue) + texts[-1]


def striptags(value: Any, allowable_tags: Any = None) -> str:
    """Without the tags and comments of HTML; `<a><b>`, or a list of names, may stay."""
    text = to_text(value)
    kept: list[str] = []
    at = 0
    allowed = _tag_names(allowable_tags)
    while (begin := text.find("<", at)) >= 0:
        kept.append(text[at:begin])
        at = _end_of_tag(text, begin)
        if at == begin + 1:  # followed by white space it is no tag
            kept.append("<")
        elif (name := re.match(r"</?\s*([a-zA-Z][\w-]*)", text[begin:at])) and name[1].lower() in allowed:
            kept.append(text[begin:at])
    kept.append(text[at:])
    return "".join(kept)


def _texts(value: Any, glue: int) -> Iterator[str]:
    """The items as texts; Error as soon as they are too long together, with a glue of this length."""
    length = 0
    for _, item in pairs(value) if is_iterable(value) else [(0, value)]:
        text = to_text(item)
        length += len(text) + glue
        allow_text(length)
        yield text


def _expanded(mask: str) -> str:
    def span(match: re.Match[str]) -> str:
        first, last = ord(match[1]), ord(match[2])
        allow_items(last - first)
        return "".join(map(chr, range(first, last + 1))) if first <= last else match[0]

    return re.sub(r"(.)\.\.(.)", span, mask, flags=re.DOTALL)


def _pieces(text: str, length: int) -> list[str]:
    allow_items(len(text) // length)
    return [text[at : at + length] for at in range(0, len(text), length)] or [""]


def _tag_names(allowable_tags: Any) -> set[str]:
    if is_array(allowable_tags):
        return {to_text(name).strip("<>/ ").lower() for _, name in pairs(allowable_tags)}
    return {name.lower() for name in re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", to_text(allowable_tags))}


def _end_of_tag(text: str, begin: int) -> int:
    """The index behind a tag; that of the next character where there is none, the text's end where it is not closed."""
    if text.startswith("<!--", begin):
        end = text.find("-->", begin + 4)
        return len(text) if end < 0 else end + 3
    if text[begin + 1 : begin + 2].isspace() or begin + 1 == len(text):
        return begin + 1
    quote = ""
    for index in range(begin + 1, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ">":
            return index + 1
    return len(text)
