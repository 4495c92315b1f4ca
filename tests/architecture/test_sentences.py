"""What core tells people of its jobs can be said in each of its languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import CORE, Source, sources

PLACE = re.compile(r"\{(\w+)\}")
#: The languages by locale, with what they call each template.
SAID = {
    locale: json.loads((CORE / "Resources/i18n" / locale / "Sentences.json").read_text("utf-8"))["labels"]
    for locale in ("en_US", "de_DE")
}


def test_a_template_stands_where_the_sentence_is_made() -> None:
    hidden = [
        f"{source.place}:{call.lineno}"
        for source in sources("core")
        if source.room != "sentence"  # it makes those that have no words of their own
        for call in calls(source)
        if not isinstance(call.args[0], ast.Constant)
    ]

    assert hidden == []


def test_each_place_of_a_template_gets_a_value() -> None:
    unlike = [
        f"{source.place}:{call.lineno}"
        for source in sources("core")
        for call in calls(source)
        if isinstance(call.args[0], ast.Constant) and all(each.arg for each in call.keywords)
        if set(PLACE.findall(call.args[0].value)) != {each.arg for each in call.keywords}
    ]

    assert unlike == []


@pytest.mark.parametrize("locale", SAID)
def test_each_sentence_of_core_has_a_text_and_no_other_has(locale: str) -> None:
    assert set(SAID[locale]) == templates()


def test_each_description_of_a_job_type_of_core_is_translated() -> None:
    types = json.loads((CORE / "Resources/metadata/app/jobTypes.json").read_text("utf-8"))
    german = json.loads((CORE / "Resources/i18n/de_DE/Job.json").read_text("utf-8"))["labels"]

    assert [name for name, entry in types.items() if entry["description"] not in german] == []


@pytest.mark.parametrize("locale", SAID)
def test_each_text_has_the_places_of_its_template(locale: str) -> None:
    unlike = [
        template
        for template, text in SAID[locale].items()
        if sorted(PLACE.findall(template)) != sorted(PLACE.findall(text))
    ]

    assert unlike == []


def test_english_is_said_as_it_is_written() -> None:
    assert [template for template, text in SAID["en_US"].items() if template != text] == []


def templates() -> set[str]:
    """Those with words of their own."""
    found = (call.args[0] for source in sources("core") for call in calls(source))
    texts = {each.value for each in found if isinstance(each, ast.Constant)}
    return {text for text in texts if re.search(r"[^\W\d_]", PLACE.sub("", text))}


def calls(source: Source) -> Iterator[ast.Call]:
    """Where a sentence is made."""
    if "Sentence(" in source.text:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Sentence":
                yield node
