"""The form of a schedule: what it sends, as values of the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.exceptions import BadRequest
from core.sentence import Sentence
from core.web.panel.form_fields import FormFields

_TEXTS = ("name", "scheduling", "overlap", "catchUp")
#: What is empty stands for no value.
_OPTIONAL_TEXTS = ("timeZone",)
_MOMENTS = ("startsAt", "endsAt")
_NUMBERS: Mapping[str, tuple[Callable[[str], Any], Any, Sentence]] = {
    "priority": (float, None, Sentence("This is to be a number.")),
    "jitterSeconds": (int, 0, Sentence("This is to be a whole number.")),
    "maxFailures": (int, None, Sentence("This is to be a whole number.")),
}
#: What a new schedule has in its form.
EMPTY: Mapping[str, Any] = {
    "name": "",
    "type": "",
    "isActive": True,
    "scheduling": "0 2 * * *",
    "overlap": "allow",
    "catchUp": "last",
    "jitterSeconds": 0,
    **dict.fromkeys(("timeZone", "startsAt", "endsAt", "priority", "maxFailures", "payload")),
}


def typed(form: FormFields) -> dict[str, Any]:
    """The fields as they were typed, to show them again."""
    names = (*_TEXTS, *_OPTIONAL_TEXTS, *_MOMENTS, *_NUMBERS, "type")
    return {**{name: form.get(name) for name in names}, "isActive": form.is_on("isActive")}


def values_of(form: FormFields) -> dict[str, Any]:
    """The values of the record, but for type and payload; raises BadRequest that names the field."""
    values: dict[str, Any] = {name: form.get(name) for name in _TEXTS}
    values |= {name: form.get(name) or None for name in _OPTIONAL_TEXTS}
    values |= {name: form.moment(name) for name in _MOMENTS}
    for name, (read, empty, refusal) in _NUMBERS.items():
        try:
            values[name] = read(form.get(name)) if form.get(name) else empty
        except ValueError as error:
            raise BadRequest(refusal, field=name) from error
    return {**values, "isActive": form.is_on("isActive")}
