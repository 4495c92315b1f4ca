"""Sentences that are English for everybody, and that other languages can say."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy

import orjson

from core.language import Language
from core.metadata import Layer
from core.sentence import Sentence, first_of, joined, verbatim
from core.web.panel.texts import Texts
from tests.unit.language.test_core_texts import I18N

GERMAN = {
    "{jobs} wait{where}.": "Es warten {jobs}{where}.",
    "{count} jobs": "{count} Jobs",
    " on {machine}": " auf {machine}",
    "{named} and {count} more": "{named} und {count} weitere",
}


def german(sentence: Sentence) -> str:
    return sentence.said_with(lambda template: GERMAN.get(template, template))


def waiting(machine: str = "web1") -> Sentence:
    return Sentence(
        "{jobs} wait{where}.", jobs=Sentence("{count} jobs", count=3), where=Sentence(" on {machine}", machine=machine)
    )


def test_it_is_a_text_and_is_said_in_another_language_with_its_parts() -> None:
    assert waiting() == "3 jobs wait on web1."
    assert german(waiting()) == "Es warten 3 Jobs auf web1."


def test_what_has_no_translation_is_said_as_it_is() -> None:
    assert german(Sentence("{jobs} wait for {name}.", jobs=Sentence("{count} jobs", count=2), name="Ada")) == (
        "2 Jobs wait for Ada."
    )


def test_braces_in_a_value_are_no_places() -> None:
    assert waiting("{jobs} {0}") == "3 jobs wait on {jobs} {0}."
    assert german(waiting("{jobs} {0}")) == "Es warten 3 Jobs auf {jobs} {0}."
    assert german(verbatim("{count} jobs")) == verbatim("{count} jobs") == "{count} jobs"


def test_sentences_are_joined_and_some_of_many_are_named() -> None:
    few = joined([waiting(), "{count}."])
    many = first_of(["a", "b", Sentence("{count} jobs", count=1)], 1)

    assert [few, german(few)] == ["3 jobs wait on web1. {count}.", "Es warten 3 Jobs auf web1. {count}."]
    assert [many, german(many)] == ["a and 2 more", "a und 2 weitere"]
    assert first_of(["a", "b"], 2) == "a, b"
    assert joined([]) == ""


def test_it_is_written_and_copied_as_a_text() -> None:
    sentence = waiting("{jobs}")

    assert json.loads(json.dumps([sentence])) == orjson.loads(orjson.dumps([sentence])) == ["3 jobs wait on {jobs}."]
    for copy in (pickle.loads(pickle.dumps(sentence)), deepcopy(sentence)):
        assert [copy, german(copy)] == [sentence, german(sentence)]


def test_pages_say_sentences_in_their_language_and_other_texts_as_they_are() -> None:
    texts = Texts(Language([Layer("core", I18N)], "de_DE"))
    said = [texts.sentence(each) for each in (Sentence("{time} ago", time="5 min"), "{time} ago", Sentence("<b>"))]

    assert said == ["vor 5 min", "{time} ago", "<b>"]
    assert {type(each) for each in said} == {str}
