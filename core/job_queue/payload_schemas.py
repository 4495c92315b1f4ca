"""The JSON Schemas that job types have for their payloads."""

from __future__ import annotations

from itertools import islice
from typing import Any

from core.exceptions import InvalidPayload, MetadataError
from core.job_queue.schema_sentences import said_of
from core.metadata.payload_schema import faults_of, make_validator
from core.sentence import Sentence, joined
from core.set_aside import reason_of

#: A payload may be wrong in a thousand places.
_MOST_TOLD = 20


class PayloadSchemas:
    """Judges payloads by the JSON Schemas of their types."""

    def __init__(self) -> None:
        self._validators: dict[str, tuple[dict[str, Any], Any]] = {}

    def check(self, what: str, job_type: str, payload: Any, schema: dict[str, Any]) -> None:
        """Raise InvalidPayload that names the paths of what does not fit, 20 at most; `what` begins its sentence."""
        errors = self._errors(job_type, payload or {}, schema)
        if errors:
            found = sorted((_path(error), said_of(error)) for error in errors)
            lines = [Sentence("{path}: {text}", path=path, text=text) for path, text in found]
            by_property = {name: said_of(error) for error in errors for name in _properties(error)}
            text = Sentence("{what} does not fit its type: {lines}.", what=what, lines=joined(lines, "; "))
            raise InvalidPayload(text, by_property)

    def _errors(self, job_type: str, payload: Any, schema: dict[str, Any]) -> list[Any]:
        validator = self._validator(job_type, schema)
        try:
            return list(islice(validator.iter_errors(payload), _MOST_TOLD))
        except Exception as error:  # a part that no check looks into, as a $ref may lead anywhere
            raise _unusable(job_type, reason_of(error).splitlines()[0].rstrip(":")) from error

    def _validator(self, job_type: str, schema: dict[str, Any]) -> Any:
        known = self._validators.get(job_type)
        if known is not None and known[0] is schema:
            return known[1]
        if not isinstance(schema, dict | bool):
            raise MetadataError(f"app/jobTypes.json: the payloadSchema of {job_type} is {schema!r}, no object.")
        from jsonschema import SchemaError  # heavy: most job types have no schema

        if faults := faults_of(schema):
            raise _unusable(job_type, "; ".join(faults))
        validator = make_validator(schema)
        try:
            validator.check_schema(schema)
        except SchemaError as error:
            raise _unusable(job_type, error.message) from error
        self._validators[job_type] = (schema, validator)
        return validator


def _unusable(job_type: str, why: str) -> MetadataError:
    return MetadataError(f"app/jobTypes.json: the payloadSchema of {job_type}: {why}.")


def _path(error: Any) -> str:
    return str(error.json_path).replace("$", "payload", 1)


def _properties(error: Any) -> list[str]:
    """The properties of the payload itself that an error is about."""
    if error.absolute_path:
        return [str(error.absolute_path[0])]
    if error.validator == "required":  # there is an error for each that is missing, and its message alone names it
        return [each for each in error.validator_value if error.message.startswith(repr(each))]
    return []
