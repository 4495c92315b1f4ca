"""What jsonschema finds wrong, as sentences that can be said in other languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.sentence import Sentence, verbatim

#: A message repeats what stands there.
_LONGEST = 300


def said_of(error: Any) -> Sentence:
    """What a `ValidationError` of jsonschema says; in English alone, where it is none of the usual things."""
    message = str(error.message)
    if len(message) > _LONGEST:
        return verbatim(f"{message[:_LONGEST]}...")
    return next((each for each in _usual(error) if each == message), verbatim(message))


def _usual(error: Any) -> Iterator[Sentence]:
    """What it may say by its keyword; which of them it says, or whether it says another thing, its text decides."""
    value, rule = repr(error.instance), error.validator_value
    if error.validator == "required":
        yield from (Sentence("{name} is a required property", name=repr(each)) for each in rule)
    elif error.validator == "type":
        kinds = rule if isinstance(rule, list) else [rule]
        yield Sentence("{value} is not of type {kinds}", value=value, kinds=", ".join(map(repr, kinds)))
    elif error.validator == "enum":
        yield Sentence("{value} is not one of {options}", value=value, options=repr(rule))
    elif error.validator == "minimum":
        yield Sentence("{value} is less than the minimum of {least}", value=value, least=rule)
    elif error.validator == "maximum":
        yield Sentence("{value} is greater than the maximum of {most}", value=value, most=rule)
    elif error.validator in ("minLength", "minItems"):
        yield Sentence("{value} is too short", value=value)
        yield Sentence("{value} should be non-empty", value=value)
    elif error.validator in ("maxLength", "maxItems"):
        yield Sentence("{value} is too long", value=value)
    elif error.validator == "pattern":
        yield Sentence("{value} does not match {pattern}", value=value, pattern=repr(rule))
    elif error.validator == "additionalProperties":
        for name in error.instance:
            yield Sentence("Additional properties are not allowed ({name} was unexpected)", name=repr(name))
