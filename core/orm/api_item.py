"""One condition that a client sends: a type, an attribute and a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from core import clock
from core.exceptions import BadRequest, did_you_mean
from core.orm.date_range import MOST_DAYS
from core.orm.entity_type import short
from core.orm.field_types import to_date
from core.orm.functions import Family
from core.orm.link import Link
from core.orm.term import EntityTerms

_KEYS = ("type", "attribute", "field", "value", "timeZone", "dateTime")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_TYPE = 80
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose today is meant: a time zone, and the present moment."""

    zone: tzinfo
    now: datetime

    @property
    def today(self) -> date:
        """The day there."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class ApiItem:
    """A condition that a client sends; each question about it raises BadRequest that names it."""

    terms: EntityTerms
    kind: str
    viewer: Viewer
    given_attribute: Any = None
    given_value: Any = _ABSENT

    @property
    def attribute(self) -> str:
        """The attribute: a term of the `where` language."""
        if not isinstance(self.given_attribute, str) or not self.given_attribute:
            raise self.wrong("names no attribute")
        return self.given_attribute

    @property
    def value(self) -> Any:
        """The value; what is a day is one of the viewer, also for an attribute that is a moment."""
        if self.given_value is _ABSENT:
            raise self.wrong("lacks the value")
        return self.given_value

    @property
    def has_value(self) -> bool:
        """Whether there is a value other than null."""
        return self.given_value is not _ABSENT and self.given_value is not None

    @property
    def family(self) -> Family:
        """What the attribute's values can be compared with."""
        return self.terms.term(self.attribute).family

    @property
    def link(self) -> Link:
        """The link that the attribute means; its own name and that of its ids mean it as well."""
        name, links = self.attribute, self.terms.type.links
        found = next((each for each in links.values() if name in (each.name, each.attribute, f"{each.name}Id")), None)
        if found is None:
            raise self.wrong(f"{self.terms.name} has no link '{name}'.{did_you_mean(name, links)}")
        return found

    @property
    def text(self) -> str:
        """The value, which has to be a text; numbers are taken as one."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            raise self.wrong("takes a text")
        return str(self.value)

    @property
    def members(self) -> list[Any]:
        """The value, which has to be a list."""
        if not isinstance(self.value, list | tuple):
            raise self.wrong("takes a list")
        return list(self.value)

    @property
    def texts(self) -> list[str]:
        """The value, which has to be a text or a list of texts."""
        found = [self.value] if isinstance(self.value, str) else self.members
        if not all(isinstance(each, str) for each in found):
            raise self.wrong("takes a text, or a list of texts")
        return found

    @property
    def days(self) -> int:
        """The value, which has to be a number of days."""
        value = self.value
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
        if type(number) is not int or not 0 <= number <= MOST_DAYS:
            raise self.wrong(f"takes a number of days, 0 to {MOST_DAYS}")
        return number

    def as_day(self, value: Any) -> date | None:
        """The day that a value is; None for a moment and all else."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            return None
        try:
            return to_date(value)
        except ValueError as error:
            raise self.wrong(str(error)) from error

    def wrong(self, why: str) -> BadRequest:
        """The error for what does not fit."""
        place = f" {short(self.given_attribute)}" if self.given_attribute is not None else ""
        value = f" {short(self.given_value)}" if self.given_value is not _ABSENT else ""
        return BadRequest(sentence(f"{self.terms.name}: {self.kind}{place}{value}: {why}"))


def sentence(text: str) -> str:
    """The text with a full stop at its end, unless it ends with one, or asks something."""
    return text if text[-1:] in (".", "?") else f"{text}."


def read_item(terms: EntityTerms, given: Mapping[Any, Any], viewer: Viewer) -> ApiItem:
    """The item that an object means; raises BadRequest for keys that are none."""
    for key in given:
        if key not in _KEYS:
            near = did_you_mean(str(key), _KEYS)
            raise BadRequest(f"{terms.name}: {short(dict(given))} has the unknown key {short(key)}.{near}")
    if given.get("type") is None:
        raise BadRequest(f"{terms.name}: {short(dict(given))} has no type; a condition has type, attribute and value.")
    attribute = given.get("attribute", given.get("field"))
    zone = given.get("timeZone")
    item = ApiItem(terms, str(given.get("type"))[:_LONGEST_TYPE], viewer, attribute, given.get("value", _ABSENT))
    if zone is not None:
        try:
            item = ApiItem(terms, item.kind, Viewer(clock.zone(zone), viewer.now), attribute, item.given_value)
        except ValueError as error:
            raise item.wrong(f"the time zone {short(zone)} {error}") from error
    if given.get("dateTime") and item.family is not Family.MOMENT:
        raise item.wrong("dateTime is for moments, and this attribute is none")
    return item
