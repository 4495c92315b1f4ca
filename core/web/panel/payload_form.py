"""A form for a payload, made from its JSON Schema; what it has no control for is written as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.exceptions import BadRequest
from core.orm.definition import as_object
from core.sentence import Sentence
from core.web.panel.form_fields import FormFields

_PREFIX = "payload."
#: The controls of texts by the `format` that a schema names.
_INPUTS = {"date": "date", "date-time": "moment", "email": "email", "uri": "url"}


@dataclass(frozen=True)
class Control:
    """A property of the payload.

    `kind` is `text`, `area`, `choice`, `number`, `box`, `json`, `moment`, or the type of an input.
    """

    name: str
    kind: str
    title: str
    description: str
    is_required: bool
    choices: tuple[str, ...]
    value: str
    least: object = None
    most: object = None
    step: str = "any"
    longest: object = None


class PayloadForm:
    """The controls of a schema with the values of a payload; with `typed` with what a form sent, right or wrong."""

    def __init__(self, schema: Any, payload: Any, typed: FormFields | None = None) -> None:
        self._schema = as_object(schema)
        self._payload = payload
        self._typed = typed

    @property
    def controls(self) -> list[Control]:
        """None where there is no schema that names properties, or a payload that has others."""
        properties = as_object(self._schema.get("properties"))
        payload = as_object(self._payload)
        if not properties or not set(payload) <= set(properties) or (self._typed and self._typed.get("payload")):
            return []
        return [self._control(name, as_object(each), payload) for name, each in properties.items()]

    @property
    def text(self) -> str:
        """The payload as JSON."""
        if self._typed is not None:
            return self._typed.get("payload")
        return json.dumps(self._payload, ensure_ascii=False, indent=2) if self._payload else ""

    def read(self, form: FormFields) -> dict[str, Any] | None:
        """The payload that a form sent; raises BadRequest."""
        if form.get("payload"):
            return _parsed(form.get("payload"), "payload")
        names = [name for name in form.names() if name.startswith(_PREFIX)]
        payload = dict(self._values(form)) if names else {}
        return payload or None

    def _values(self, form: FormFields) -> Iterator[tuple[str, Any]]:
        for control in PayloadForm(self._schema, {}).controls:
            text = form.get(_PREFIX + control.name)
            if control.kind == "box":
                yield control.name, form.is_on(_PREFIX + control.name)
            elif text:
                yield control.name, self._value(control, text)

    def _value(self, control: Control, text: str) -> Any:
        schema = as_object(as_object(self._schema.get("properties")).get(control.name))
        if control.kind == "number":
            try:
                return int(text) if schema.get("type") == "integer" else float(text)
            except ValueError as error:
                raise BadRequest(
                    Sentence("{name} is to be a number.", name=control.name), field=_PREFIX + control.name
                ) from error
        if control.kind == "json":
            return _json(text, control.name, _PREFIX + control.name)
        if control.kind == "choice":
            return next((each for each in schema.get("enum", []) if str(each) == text), text)
        return text

    def _control(self, name: str, schema: Mapping[str, Any], payload: Mapping[str, Any]) -> Control:
        kind = _kind(schema)
        value = payload.get(name, schema.get("default"))
        return Control(
            name,
            kind,
            str(schema.get("title") or name),
            str(schema.get("description") or ""),
            name in (self._schema.get("required") or []),
            tuple(str(each) for each in schema.get("enum") or ()),
            _shown(kind, value) if self._typed is None else self._typed.get(_PREFIX + name),
            schema.get("minimum"),
            schema.get("maximum"),
            "1" if schema.get("type") == "integer" else "any",
            schema.get("maxLength"),
        )


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(schema.get("enum"), list):
        return "choice"
    if kind == "boolean":
        return "box"
    if kind in ("integer", "number"):
        return "number"
    if kind == "string":
        return _INPUTS.get(str(schema.get("format"))) or ("area" if (schema.get("maxLength") or 0) > 200 else "text")
    return "json"


def _shown(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "json":
        return json.dumps(value, ensure_ascii=False)
    return ("1" if value else "") if kind == "box" else str(value)


def _json(text: str, name: str, field: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        text = Sentence(
            "{name} is no JSON: look at line {line}, column {column}.", name=name, line=error.lineno, column=error.colno
        )
        raise BadRequest(text, field=field) from error
    except ValueError as error:  # a number of more digits than Python takes
        raise BadRequest(Sentence("{name} is no JSON: {error}", name=name, error=error), field=field) from error


def _parsed(text: str, name: str) -> dict[str, Any]:
    value = _json(text, name, name)
    if not isinstance(value, dict):
        raise BadRequest(Sentence("{name} is to be a JSON object.", name=name), field=name)
    return value
