"""Sentences for people: English as they stand, and made of what another language needs to say them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Self

_PLACE = re.compile(r"\{(\w+)\}")


class Sentence(str):
    """A sentence, or a part of one, in English: `Sentence("No worker is free: {jobs}.", jobs=...)`.

    `template` and `values` are what it was made of; a value may be a Sentence. To all others it is its text.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        made = super().__new__(cls, fill_in(template, values))
        made.template, made.values = template, values
        return made

    def said_with(self, translate: Callable[[str], str]) -> str:
        """The same in another language; `translate` answers its template for the English one."""
        values = {
            name: value.said_with(translate) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return fill_in(translate(self.template), values)


def fill_in(template: str, values: Mapping[str, object]) -> str:
    """The template with its `{places}` filled; what stands in braces within a value stays."""
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), template)


def verbatim(text: str) -> Sentence:
    """A text that is the same in all languages, or comes from elsewhere."""
    return Sentence("{text}", text=text)


def joined(parts: Sequence[str], separator: str = " ") -> Sentence:
    """Sentences one after another."""
    places = {str(number): part for number, part in enumerate(parts)}
    return Sentence(separator.join(f"{{{place}}}" for place in places), **places)


def first_of(parts: Sequence[str], most: int) -> Sentence:
    """`a, b and 3 more`"""
    named = joined(parts[:most], ", ")
    left = len(parts) - most
    return Sentence("{named} and {count} more", named=named, count=left) if left > 0 else named
