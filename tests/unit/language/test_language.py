"""Texts from the files of all layers, with their fallbacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.events import EventManager
from core.language import Language
from core.metadata import CORE, Layer


@pytest.fixture
def layers(tmp_path: Path) -> list[Layer]:
    return [Layer(owner, tmp_path / owner) for owner in (CORE, "A", "B")]


def write(layers: list[Layer], owner: str, path: str, content: Any) -> None:
    file = next(layer.directory for layer in layers if layer.owner == owner) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def test_a_text_is_found_by_scope_category_and_name(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"fields": {"pid": "Process"}, "labels": {"A. B": "dotted"}})
    language = Language(layers)

    assert language.translate("pid", "fields", "Job") == "Process"
    assert language.translate("A. B", "labels", "Job") == "dotted"


def test_a_scope_without_the_text_takes_the_global_one(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Global.json", {"labels": {"Save": "Keep"}, "options": {"status": {"a": "Alpha"}}})
    language = Language(layers)

    assert language.translate("Save", "labels", "Job") == language.translate("Save") == "Keep"
    assert language.translate_option("a", "status", "Job") == "Alpha"


def test_what_nobody_translates_stays_as_it_is(layers: list[Layer]) -> None:
    language = Language(layers)

    assert language.translate("missing", "labels", "Job") == "missing"
    assert language.translate_option("missing", "status", "Job") == "missing"


def test_an_object_is_no_text(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"group": {"x": "X"}, "none": None}})
    language = Language(layers)

    assert language.translate("group", "labels", "Job") == "group"
    assert language.translate("none", "labels", "Job") == "none"


def test_options_are_translated(layers: list[Layer]) -> None:
    write(
        layers, CORE, "en_US/Job.json", {"options": {"status": {"Failed": "Broken"}, "answer": {"0": "No", "1": "Yes"}}}
    )
    language = Language(layers)

    assert language.translate_option("Failed", "status", "Job") == "Broken"
    assert language.translate_option("1", "answer", "Job") == "Yes"


def test_later_modules_win(layers: list[Layer]) -> None:
    for owner in (CORE, "A", "B"):
        write(layers, owner, "en_US/Job.json", {"labels": {"all": owner, f"only {owner}": owner}})
    language = Language(layers)

    assert [language.translate(name, "labels", "Job") for name in ("all", "only core", "only A")] == ["B", CORE, "A"]


def test_the_locale_comes_first_then_the_fallback_then_english(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "en", "b": "en", "c": "en"}})
    write(layers, CORE, "fr_FR/Job.json", {"labels": {"a": "fr", "b": "fr"}})
    write(layers, CORE, "de_DE/Job.json", {"labels": {"a": "de"}})
    language = Language(layers, "de_DE", fallback_locale="fr_FR")

    assert [language.translate(name, "labels", "Job") for name in "abcd"] == ["de", "fr", "en", "d"]


def test_english_as_the_locale_wins_over_a_fallback(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "en"}})
    write(layers, CORE, "de_DE/Job.json", {"labels": {"a": "de"}})

    assert Language(layers, "en_US", fallback_locale="de_DE").translate("a", scope="Job") == "en"


def test_the_text_of_core_in_the_locale_wins_over_a_module_in_english(layers: list[Layer]) -> None:
    write(layers, CORE, "de_DE/Job.json", {"labels": {"a": "de"}})
    write(layers, "A", "en_US/Job.json", {"labels": {"a": "en"}})

    assert Language(layers, "de_DE").translate("a", scope="Job") == "de"


def test_files_are_read_at_the_first_translation_only(layers: list[Layer]) -> None:
    language = Language(layers)
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "first"}})
    first = language.translate("a", scope="Job")
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "second"}})

    assert [first, language.translate("a", scope="Job")] == ["first", "first"]


def test_a_broken_file_is_logged_and_the_rest_works(layers: list[Layer], caplog: pytest.LogCaptureFixture) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "text"}})
    write(layers, "A", "en_US/Job.json", "{")
    language = Language(layers)

    assert language.translate("a", scope="Job") == "text"
    assert language.translate("a", scope="Job") == "text"
    assert "A/en_US/Job.json:1: " in caplog.text
    assert len(caplog.records) == len(language.problems) == 1


def test_a_changed_locale_counts_at_the_next_translation(layers: list[Layer]) -> None:
    for locale in ("en_US", "de_DE"):
        write(layers, CORE, f"{locale}/Job.json", {"labels": {"a": locale}})
    setting = ["en_US"]
    language = Language(layers, lambda: setting[0])

    first = language.translate("a", scope="Job")
    setting[0] = "de_DE"

    assert [first, language.translate("a", scope="Job"), language.locale] == ["en_US", "de_DE", "de_DE"]


def test_the_files_of_all_locales_are_checked(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "text"}})
    write(layers, "A", "de_DE/Job.json", "{")
    write(layers, "B", "fr_FR/Job.json", "[1]")

    problems = Language(layers).check()

    assert len(problems) == 2
    assert "A/de_DE/Job.json:1: " in problems[0]
    assert "B/fr_FR/Job.json: a list stands here" in problems[1]


def test_what_is_no_text_is_named(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": 5, "b": {"c": True}, "d": None, "e": []}, "fields": "x"})

    file = layers[0].directory / "en_US" / "Job.json"
    assert Language(layers).check() == [
        f"{file}: labels.a: 5 is not a text",
        f"{file}: labels.b.c: True is not a text",
        f"{file}: fields: it has to be an object of texts by their names",
    ]


def test_a_changed_fallback_counts_at_the_next_translation(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "en"}})
    write(layers, CORE, "fr_FR/Job.json", {"labels": {"a": "fr"}})
    setting: list[str | None] = [None]
    language = Language(layers, "de_DE", fallback_locale=lambda: setting[0])

    first = language.translate("a", scope="Job")
    setting[0] = "fr_FR"

    assert [first, language.translate("a", scope="Job"), language.fallback_locale] == ["en", "fr", "fr_FR"]


def test_unset_takes_texts_of_its_own_module_away(layers: list[Layer]) -> None:
    write(layers, CORE, "en_US/Job.json", {"labels": {"a": "core"}})
    write(layers, "A", "en_US/Job.json", {"labels": {"a": "A", "b": "A"}})
    write(layers, "A", "en_US/unset.json", {"Job": ["labels.a"]})
    language = Language(layers)

    assert [language.translate(name, scope="Job") for name in "ab"] == ["core", "A"]


def test_a_listener_may_change_the_texts(layers: list[Layer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = f"listeners_of_{tmp_path.name}"
    directory = tmp_path / "path" / package
    directory.mkdir(parents=True)
    (directory / "Language.py").write_text(
        "class Language:\n"
        "    def modify(self, event):\n"
        "        event.set_argument('data', {'Job': {'labels': {'a': event.get_argument('locale')}}})\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "path"))
    event_manager = EventManager(lambda cls: cls())
    event_manager.add_directory("A", directory, package)

    assert Language(layers, "de_DE", event_manager).translate("a", scope="Job") == "de_DE"
