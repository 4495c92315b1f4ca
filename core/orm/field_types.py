"""The field types of entityDefs: their columns, and what a value becomes when it is set, written and read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Float, Integer, String, Text
from sqlalchemy.types import TypeEngine

from core import clock
from core.orm.column_types import Day, Moment, to_moment
from core.orm.json_text import compact_json, parse_json
from core.sentence import Sentence

Params = Mapping[str, Any]

DEFAULT_LENGTH = 255
ID_LENGTH = 36
_DOUBLE_PRECISION = 53
GREATEST_INT = 2**31 - 1


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class FieldType:
    """What entities of all kinds do alike with one type of field; None is None in every form and never passed in.

    kinds: the Python types of what its column holds.
    normalise: from what `set` is given to what `get` answers; raises ValueError with the rule, as `is not a number`.
    column: from the field's parameters to its column type.
    from_driver: from a driver's plain value to the column's value.
    to_column, from_column: between the entity's value and the column's.
    The last three are None where the two are the same.
    """

    normalise: Callable[[Any], Any]
    column: Callable[[Params], TypeEngine[Any]]
    kinds: tuple[type, ...] = (str,)
    from_driver: Callable[[Any], Any] | None = None
    to_column: Callable[[Any], Any] | None = None
    from_column: Callable[[Any], Any] | None = None
    has_length: bool = False
    is_mutable: bool = False


def length_of(params: Params) -> int:
    """How many characters a field of one line holds: `maxLength`, else `len`, else 255."""
    for name in ("maxLength", "len"):
        try:
            length = to_length(params.get(name) or 0)
        except ValueError:  # the rules tell it
            continue
        if length:
            return length
    return DEFAULT_LENGTH


def to_length(value: Any) -> int:
    """A number of characters; 0 is none in particular."""
    length = to_int(value)
    if length < 0:
        raise ValueError(Sentence("is less than 0"))
    return length


def to_text(value: Any) -> str:
    """A text that every database can store; numbers become text."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(Sentence("is not a text"))
        return str(value)
    if "\0" in value:
        raise ValueError(Sentence("has a NUL character, which databases cannot store"))
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError(Sentence("has half of a surrogate pair, which databases cannot store")) from error
    return value


def is_storable(value: Any) -> bool:
    """Whether this is a text that every database can store, or a number."""
    try:
        to_text(value)
    except ValueError:
        return False
    return True


def to_bool(value: Any) -> bool:
    """True and False; also 1 and 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise ValueError(Sentence("is neither true nor false"))


def to_int(value: Any) -> int:
    """A whole number of 32 bits with sign, as databases store it; also written as text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, str):
        try:
            value = int(_no_underscores(value))
        except ValueError as error:
            raise ValueError(Sentence("is not a whole number")) from error
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(Sentence("is not a whole number"))
    if abs(value) > GREATEST_INT:
        raise ValueError(Sentence("is not between -{most} and {most}", most=GREATEST_INT))
    return value


def to_float(value: Any) -> float:
    """A number, also written as text; neither infinite nor NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(Sentence("is not a number"))
    try:
        number = float(_no_underscores(value) if isinstance(value, str) else value)
    except (ValueError, OverflowError) as error:
        raise ValueError(Sentence("is not a number")) from error
    if not math.isfinite(number):
        raise ValueError(Sentence("is not a finite number"))
    return number


def _no_underscores(text: str) -> str:
    if "_" in text:
        raise ValueError("only Python reads 1_000 as a number")
    return text


def to_date(value: Any) -> date:
    """A day, also written as `2026-11-23`."""
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError(Sentence("is not a date"))
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(Sentence("is not a date; write it as 2026-11-23")) from error


def to_aware(value: Any) -> datetime:
    """An aware datetime in UTC, also from AtroCore's and ISO texts, which are UTC where they name no zone."""
    if isinstance(value, str):
        try:
            return clock.from_text(value)
        except (ValueError, OverflowError) as error:
            raise ValueError(Sentence("is not a moment; write it as 2026-11-23 10:20:30, in UTC")) from error
    if not isinstance(value, datetime):
        raise ValueError(Sentence("is not a moment"))
    if value.tzinfo is None:
        raise ValueError(Sentence("has no time zone; core.clock.now() gives the present moment with its zone"))
    return to_moment(value)


def to_object(value: Any) -> dict[str, Any]:
    """The dict itself, so that a change of it is a change of the entity."""
    if not isinstance(value, dict):
        raise ValueError(Sentence("is not a JSON object (a dict)"))
    return value


def to_list(value: Any) -> list[Any]:
    """The list itself, so that a change of it is a change of the entity."""
    if isinstance(value, tuple):
        return list(value)
    if not isinstance(value, list):
        raise ValueError(Sentence("is not a list"))
    return value


def to_texts(value: Any) -> list[str]:
    """A list of texts."""
    texts = to_list(value)
    if not all(isinstance(each, str) for each in texts):
        raise ValueError(Sentence("is not a list of texts"))
    return texts


def to_id(value: Any) -> str | None:
    """An id; the empty text is none."""
    return to_text(value) or None


def _json(normalise: Callable[[Any], Any]) -> FieldType:
    return FieldType(normalise, lambda _: Text(), to_column=compact_json, from_column=parse_json, is_mutable=True)


_LINE = FieldType(to_text, lambda params: String(length_of(params)), has_length=True)
_TEXT = FieldType(to_text, lambda _: Text())
ID = FieldType(to_id, lambda _: String(ID_LENGTH))
#: The ids of the entities that a link to many leads to; they stand in no column.
IDS = FieldType(to_texts, lambda _: Text(), (list,), is_mutable=True)

FIELD_TYPES: dict[str, FieldType] = {
    "varchar": _LINE,
    "enum": _LINE,
    "email": _LINE,
    "url": _LINE,
    "color": _LINE,
    "text": _TEXT,
    "wysiwyg": _TEXT,
    "markdown": _TEXT,
    "bool": FieldType(to_bool, lambda _: Boolean(), (bool,), from_driver=bool),
    "int": FieldType(to_int, lambda _: Integer(), (int,)),
    "autoincrement": FieldType(to_int, lambda _: Integer(), (int,)),
    "float": FieldType(to_float, lambda _: Float(_DOUBLE_PRECISION), (float, int)),
    "date": FieldType(to_date, lambda _: Day(), (date,), from_driver=to_date),
    "datetime": FieldType(to_aware, lambda _: Moment(), (datetime,), from_driver=to_moment),
    "jsonObject": _json(to_object),
    "jsonArray": _json(to_list),
    "array": _json(to_texts),
    "multiEnum": _json(to_texts),
    "link": ID,
}

#: A field without a column and without rules: what listeners and services hang on an entity for a while.
NOT_STORED = FieldType(_same, lambda _: Text(), (object,), is_mutable=True)
