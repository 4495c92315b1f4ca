"""What jsonschema finds wrong, in other languages."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema.validators import validator_for

from core.job_queue.schema_sentences import said_of


def error_of(schema: dict[str, Any], value: Any) -> Any:
    (error,) = validator_for(schema)(schema).iter_errors(value)
    return error


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"required": ["a", "how"]}, {"a": 1}),
        ({"type": "string"}, 5),
        ({"type": ["string", "null"]}, 5),
        ({"enum": ["road", "rail"]}, "air"),
        ({"minimum": 1}, 0),
        ({"maximum": 1.5}, 2),
        ({"minLength": 2}, "a"),
        ({"minLength": 1}, ""),
        ({"maxItems": 1}, [1, 2]),
        ({"pattern": "^a"}, "b"),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1, "b": 2}),
    ],
)
def test_the_usual_faults_can_be_said_in_another_language(schema: dict[str, Any], value: Any) -> None:
    error = error_of(schema, value)

    said = said_of(error)

    assert said == error.message
    assert said.template != "{text}"


def test_what_is_unusual_or_long_is_said_as_it_is() -> None:
    unusual, long = error_of({"multipleOf": 2}, 3), error_of({"type": "integer"}, "a" * 500)

    assert said_of(unusual) == unusual.message
    assert said_of(long) == long.message[:300] + "..."
