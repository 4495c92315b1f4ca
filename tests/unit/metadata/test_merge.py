"""The merge of metadata, against what AtroCore's own classes answered."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import MetadataError
from core.metadata.merge import merge

CASES = Path(__file__).parents[2] / "cases"


def cases(name: str) -> list[Any]:
    return list(json.loads((CASES / f"{name}.json").read_text("utf-8")))


def same(value: Any, expected: Any) -> bool:
    """Equal to the order of keys, and to the difference of 1 and true."""
    return json.dumps(value) == json.dumps(expected)


# A thousand cases of some microseconds each: as tests of their own they would take a thousand times as long.


def test_it_merges_as_the_original() -> None:
    assert not [
        case for case in cases("metadata_merge") if not same(merge(case["base"], case["overlay"]), case["expected"])
    ]


def test_it_merges_layer_after_layer_as_the_original() -> None:
    assert not [
        case for case in cases("metadata_merge_chain") if not same(reduce(merge, case["layers"], {}), case["expected"])
    ]


@pytest.mark.parametrize("case", cases("metadata_merge_error"))
def test_it_refuses_what_the_original_dies_of(case: Any) -> None:
    with pytest.raises(MetadataError, match="cannot be merged onto"):
        merge(case["base"], case["overlay"])


def test_it_leaves_what_it_is_given_as_it_is() -> None:
    given = cases("metadata_merge") + cases("metadata_merge_error")
    before = copy.deepcopy(given)

    for case in given:
        with suppress(MetadataError):
            merge(case["base"], case["overlay"])

    assert not [case for case, original in zip(given, before, strict=True) if not same(case, original)]


@pytest.mark.parametrize(
    ("base", "overlay", "message"),
    [
        ([1, 2], {"y": 1}, "a.b: an object cannot be merged onto a list"),
        ("s", {"y": 1}, "a.b: an object cannot be merged onto a string"),
        (True, {"y": 1}, "a.b: an object cannot be merged onto a bool"),
        (7, ["__APPEND__", 1], "a.b: a list cannot be merged onto an int"),
        (1.5, [True], "a.b: a list cannot be merged onto a float"),
    ],
)
def test_an_error_names_the_path_and_both_types(base: Any, overlay: Any, message: str) -> None:
    with pytest.raises(MetadataError) as error:
        merge({"a": {"b": base}}, {"a": {"b": overlay}})

    assert str(error.value) == message


def test_all_that_does_not_fit_is_said_at_once() -> None:
    with pytest.raises(MetadataError) as error:
        merge({"a": [1], "b": "s"}, {"a": {"x": 1}, "b": {"x": 1}})

    assert str(error.value).splitlines() == [
        "a: an object cannot be merged onto a list",
        "b: an object cannot be merged onto a string",
    ]
