"""The form of a record, made from metadata: its controls, and what it sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.web.panel.fields import Field, Panel
from core.web.panel.form_fields import FormFields

_LINKS = ("link", "file", "image")
_NUMBERS = ("int", "float")
_JSON = ("jsonObject", "jsonArray")
_LISTS = ("multiEnum", "array")
_AREAS = ("text", "wysiwyg", "markdown")
#: Fields of these kinds are not written in forms.
_NOT_WRITTEN = ("linkMultiple", "linkParent", "foreign", "autoincrement")


@dataclass(frozen=True)
class Control:
    """What a person writes a field with; `kind` is that of the input, `value` what stands in it."""

    field: Field
    kind: str
    value: str
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The attribute that it writes."""
        return self.field.key


def is_written(field: Field) -> bool:
    """Whether a person may write it."""
    closed = field.params.get("readOnly") or field.params.get("protected") or field.name == "id"
    return not closed and field.kind not in _NOT_WRITTEN and not field.params.get("notStorable")


def control(field: Field, record: Mapping[str, Any], choices: tuple[tuple[str, str], ...]) -> Control:
    """The control with the value of a record; `choices` are the records that a link may lead to."""
    value = record.get(field.key)
    kind = _kind(field)
    if kind == "list":
        values = tuple(str(each) for each in value) if isinstance(value, list) else ()
        return Control(field, "boxes" if field.options else "lines", "\n".join(values), values)
    if kind == "json":
        # A text is what somebody typed, and no JSON.
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        return Control(field, kind, "" if value is None else text)
    if kind == "link":
        shown = str(record.get(f"{field.name}Name") or value) if value else ""
        known = any(id_ == value for id_, _ in choices)
        others = choices if known or not value else ((str(value), shown), *choices)
        return Control(field, kind, str(value or ""), choices=others)
    if kind == "box":
        return Control(field, kind, "1" if value else "")
    return Control(field, kind, "" if value is None else str(value))


def sent_values(panels: list[Panel], form: FormFields) -> dict[str, Any]:
    """What a form sent, by attribute, as services take it; a text that is no number or JSON goes on as it is."""
    names = set(form.names())
    return dict(_values([each for panel in panels for each in panel.fields if is_written(each)], form, names))


def _values(fields: list[Field], form: FormFields, names: set[str]) -> Iterator[tuple[str, Any]]:
    for field in fields:
        if f"has.{field.key}" not in names:  # the form did not have it
            continue
        kind, text = _kind(field), form.get(field.key)
        if kind == "box":
            yield field.key, form.is_on(field.key)
        elif kind == "list":
            given = form.all(field.key)
            yield field.key, given if field.options else [each for each in text.splitlines() if each.strip()]
        elif text == "":
            yield field.key, None
        elif kind == "number":
            yield field.key, _number(field, text)
        elif kind == "json":
            yield field.key, _parsed(text)
        else:
            yield field.key, text


def _kind(field: Field) -> str:
    kinds = {
        **dict.fromkeys(_NUMBERS, "number"),
        **dict.fromkeys(_JSON, "json"),
        **dict.fromkeys(_LISTS, "list"),
        **dict.fromkeys(_AREAS, "area"),
        **dict.fromkeys(_LINKS, "link"),
        "bool": "box",
        "enum": "choice",
        "date": "date",
        "datetime": "moment",
        "email": "email",
        "url": "url",
    }
    return kinds.get(field.kind, "text")


def _number(field: Field, text: str) -> Any:
    try:
        return int(text) if field.kind == "int" else float(text)
    except ValueError:
        return text  # the field's own rule says what is wrong with it


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
