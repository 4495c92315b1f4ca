"""docs/entities.md says what there is, and its examples are right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import core
from core.metadata.judge import SCHEMAS, judge
from core.orm.conditional_properties import PROPERTIES
from core.orm.conditions import CONDITIONS
from core.orm.entity_type import read_entity_type
from core.orm.field_types import FIELD_TYPES

PAGE = (Path(core.__file__).parents[1] / "docs" / "entities.md").read_text("utf-8")
EXAMPLES: list[dict[str, Any]] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))


def example(key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each[key] for each in EXAMPLES if key in each)
    return found


PARAMETERS = schema("entityDefs")["properties"]["fields"]["additionalProperties"]["properties"]
OF_USER_INTERFACES = {"tooltip", "optionColors"}


@pytest.mark.parametrize(
    "name",
    [
        *FIELD_TYPES,
        "linkMultiple",
        "foreign",
        "notStorable",
        *PROPERTIES,
        *CONDITIONS,
        *sorted(PARAMETERS.keys() - OF_USER_INTERFACES),
        *schema("scopes")["properties"],
        *schema("entityDefs")["properties"],
    ],
)
def test_it_names_all_there_is(name: str) -> None:
    assert re.search(rf"[`\"]{name}[`\"]", PAGE)


def test_its_examples_have_no_problems() -> None:
    fields = {**example("fields"), "buyer": example("buyer"), "shops": {"type": "linkMultiple"}}
    links = {name: link for each in EXAMPLES for name, link in each.get("links", {}).items()}
    definition = {"fields": fields, "links": links, **next(each for each in EXAMPLES if "indexes" in each)}

    assert judge(definition, "entityDefs") == []
    assert judge(EXAMPLES[0], "scopes") == []
    assert read_entity_type("Product", definition, {}).problems == ()
