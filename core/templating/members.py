"""The members of a value by name: items of arrays, attributes of entities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.exceptions import AtroError

#: Where a value has no such member.
MISSING = object()


def member(value: Any, name: Any) -> Any:
    """The item of an array, or the attribute or linked entity of an entity; else MISSING.

    Of a mapping a number and a text of its digits are the same key.
    """
    if isinstance(value, Mapping):
        return _item(value, name)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        index = int(name) if isinstance(name, str) and name.isdecimal() and len(name) < 10 else name
        is_index = isinstance(index, int) and not isinstance(index, bool)
        return value[index] if is_index and -len(value) <= index < len(value) else MISSING
    if isinstance(name, str) and is_entity(value):
        return _attribute(value, name)
    return MISSING


def is_entity(value: Any) -> bool:
    """Whether a value has attributes that `get` answers, as entities have."""
    cls = type(value)
    return callable(getattr(cls, "get", None)) and callable(getattr(cls, "has_attribute", None))


def _item(mapping: Mapping[Any, Any], key: Any) -> Any:
    for each in (key, *_same_keys(key)):
        try:
            return mapping[each]
        except (KeyError, TypeError):  # TypeError: an array is no key
            continue
    return MISSING


def _same_keys(key: Any) -> list[Any]:
    if isinstance(key, int) and not isinstance(key, bool):
        return [str(key)]
    return [int(key)] if isinstance(key, str) and key.isdecimal() and len(key) < 10 else []


def _attribute(entity: Any, name: str) -> Any:
    try:
        return entity.get(name)
    except AtroError:  # it has no such attribute
        return MISSING
