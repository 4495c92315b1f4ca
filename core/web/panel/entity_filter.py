"""Which records of an entity a list shows: what the layout `filters` offers, and what stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.web.panel.fields import Field
from core.web.panel.job_filter import between_days, is_day

_PREFIX = "filter."
_UNTIL = ".until"
_LONGEST = 150
_LARGEST = 2**31
_KINDS = {
    **dict.fromkeys(("varchar", "text", "email", "url", "wysiwyg", "markdown"), "text"),
    **dict.fromkeys(("int", "float", "autoincrement"), "number"),
    **dict.fromkeys(("date", "datetime"), "days"),
    "bool": "box",
    "enum": "options",
    "link": "link",
}

#: From a link to the records that it may lead to: their ids and names.
Choices = Callable[[Field], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class FilterControl:
    """A condition that a person may set. `value` is empty where she has not; `until` is the last of `days`.

    `kind` is `text`, `number`, `days`, `box`, `options` or `link`, for which `choices` are ids and names.
    """

    field: Field
    kind: str
    value: str
    until: str = ""
    choices: Sequence[tuple[str, str]] = ()

    @property
    def name(self) -> str:
        """Its word in the address."""
        return _PREFIX + self.field.name

    @property
    def name_of_until(self) -> str:
        """The word of `until`."""
        return self.name + _UNTIL

    @property
    def words(self) -> dict[str, str]:
        """What of it stands in the address."""
        return {name: value for name, value in ((self.name, self.value), (self.name_of_until, self.until)) if value}

    def condition(self) -> dict[str, Any] | None:
        """In the words of the API; None where nothing is asked."""
        if not self.value and not self.until:
            return None
        about = {"attribute": self.field.key}
        match self.kind:
            case "text":
                return {**about, "type": "contains", "value": self.value}
            case "days":
                return between_days(self.field.key, self.value, self.until)
            case "box":
                return {**about, "type": "isTrue" if self.value == "1" else "isFalse"}
            case "number":
                return {**about, "type": "equals", "value": _number(self.field, self.value)}
        return {**about, "type": "equals", "value": self.value}


def filter_controls(fields: Sequence[Field], query: Mapping[str, str], choices: Choices) -> list[FilterControl]:
    """The controls of these fields with what an address says; fields of other kinds have none.

    What cannot be is left out: a day that is none, an option that there is not.
    """
    return [_control(each, _KINDS[each.kind], query, choices) for each in fields if each.kind in _KINDS]


def _control(field: Field, kind: str, query: Mapping[str, str], choices: Choices) -> FilterControl:
    value = _said(query, _PREFIX + field.name)
    if kind == "days":
        until = _said(query, _PREFIX + field.name + _UNTIL)
        return FilterControl(field, kind, value if is_day(value) else "", until if is_day(until) else "")
    if kind == "link":
        known = choices(field)
        others = known if not value or any(id_ == value for id_, _ in known) else ((value, value), *known)
        return FilterControl(field, kind, value, choices=others)
    fits = {
        "options": value in field.options,
        "box": value in ("0", "1"),
        "number": _number(field, value) is not None,
    }
    return FilterControl(field, kind, value if fits.get(kind, True) else "")


def _said(query: Mapping[str, str], name: str) -> str:
    return str(query.get(name, "")).strip()[:_LONGEST]


def _number(field: Field, text: str) -> float | None:
    """None for what no field of this kind holds."""
    try:
        number = float(text) if field.kind == "float" else int(text)
    except ValueError:
        return None
    return number if abs(number) < (float("inf") if field.kind == "float" else _LARGEST) else None
