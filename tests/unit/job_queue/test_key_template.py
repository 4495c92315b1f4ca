"""Keys that are made of a payload."""

from __future__ import annotations

from typing import Any

import pytest

from core.job_queue.key_template import LONGEST_KEY, KeyTemplate


@pytest.mark.parametrize(
    ("template", "payload", "key"),
    [
        ("{customer}", {"customer": "ada"}, "ada"),
        ("order {order.id} of { customer }", {"order": {"id": 5}, "customer": "ada"}, "order 5 of ada"),
        ("one for all", {}, "one for all"),
        ("{flag}", {"flag": False}, "false"),
        ("{ids}", {"ids": [1, 2]}, "[1,2]"),
        ("{filter}", {"filter": {"b": 1, "a": "x"}}, '{"a":"x","b":1}'),
        ("{name}", {"name": "{customer}"}, "{customer}"),
    ],
)
def test_names_in_braces_are_values_of_the_payload(template: str, payload: dict[str, Any], key: str) -> None:
    assert KeyTemplate(template).key(payload) == key


@pytest.mark.parametrize("payload", [None, {}, {"order": 5}, {"order": None}, {"order": {"id": None}}])
def test_a_value_that_is_missing_is_named(payload: Any) -> None:
    with pytest.raises(KeyError, match=r"order\.id"):
        KeyTemplate("{order.id}").key(payload)


@pytest.mark.parametrize("text", ["", "{", "}", "{}", "{{customer}}", "{a", "a}", "{{ payload.customer }}", 5, None])
def test_what_is_no_template_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="is "):
        KeyTemplate(text)


def test_long_keys_are_cut_and_stay_different() -> None:
    first, second = (KeyTemplate("{id}").key({"id": "x" * 500 + end}) for end in "ab")

    assert len(first) == len(second) == LONGEST_KEY
    assert first != second


def test_nothing_of_a_payload_is_executed() -> None:
    assert KeyTemplate("{a.__class__}").key({"a": {"__class__": "text"}}) == "text"
    with pytest.raises(KeyError):
        KeyTemplate("{a.__class__}").key({"a": {}})
