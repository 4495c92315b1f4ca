"""The merge of translations and own settings, against what AtroCore's own class answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.metadata.merge import merge_arrays

CASES = json.loads((Path(__file__).parents[2] / "cases" / "i18n_merge.json").read_text("utf-8"))


def without_empty_objects(value: Any) -> Any:
    """The cases make no difference between `{}` and `[]`."""
    if isinstance(value, dict):
        return {key: without_empty_objects(item) for key, item in value.items()} or []
    return [without_empty_objects(item) for item in value] if isinstance(value, list) else value


def is_as_the_original(case: Any) -> bool:
    merged = without_empty_objects(merge_arrays(case["base"], case["overlay"]))
    return json.dumps(merged) == json.dumps(without_empty_objects(case["expected"]))


def test_it_merges_as_the_original() -> None:
    assert not [case for case in CASES if not is_as_the_original(case)]


def test_empty_lists_and_objects_stay_what_they_are() -> None:
    assert merge_arrays({"list": [1], "object": {"a": 1}}, {"list": [], "new": {}, "object": {}}) == {
        "list": [],
        "object": {"a": 1},
        "new": {},
    }


def test_several_overlays_are_merged_one_after_the_other() -> None:
    assert merge_arrays({"a": 1}, {"a": 2, "b": 1}, {"b": 2}) == {"a": 2, "b": 2}
