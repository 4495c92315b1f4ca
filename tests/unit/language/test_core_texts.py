"""Core has a text for everything that it shows, in each of its languages; whose language is spoken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.application import Application
from core.metadata import Metadata
from core.testing import Installation

I18N = Path(__file__).parents[3] / "core" / "Resources" / "i18n"
LAYOUTS = I18N.parent / "layouts"
LOCALES = ("en_US", "de_DE")

Texts = dict[str, Any]


def texts_of(locale: str) -> Texts:
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted((I18N / locale).glob("*.json"))}


def paths(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return [""]
    return sorted(f"{key}/{path}" for key, item in value.items() for path in paths(item))


def leaves(value: Any) -> Iterator[Any]:
    for item in value.values() if isinstance(value, dict) else ():
        yield from leaves(item) if isinstance(item, dict) else (item,)


def has_text(texts: Texts, scope: str, *keys: str) -> bool:
    """Whether the scope or Global has one."""
    for each in (scope, "Global"):
        found: Any = texts.get(each)
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str) and found:
            return True
    return False


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metadata]:
    with Application(tmp_path_factory.mktemp("plain")) as application:
        yield application.container.get("metadata")


def test_core_says_the_same_in_all_its_languages() -> None:
    assert sorted(folder.name for folder in I18N.iterdir()) == sorted(LOCALES)
    assert paths(texts_of("de_DE")) == paths(texts_of("en_US"))


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_empty(locale: str) -> None:
    assert [leaf for leaf in leaves(texts_of(locale)) if not isinstance(leaf, str) or not leaf.strip()] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_scope_has_a_name(metadata: Metadata, locale: str) -> None:
    texts = texts_of(locale)

    for scope in metadata.get("scopes"):
        assert has_text(texts, scope, "scopeNames", scope), scope
        assert has_text(texts, scope, "scopeNamesPlural", scope), scope
        assert has_text(texts, scope, "labels", f"Create {scope}"), scope


@pytest.mark.parametrize("locale", LOCALES)
def test_every_field_link_option_and_tooltip_has_a_text(metadata: Metadata, locale: str) -> None:
    texts = texts_of(locale)
    lacking = [
        (scope, *keys)
        for scope, definition in metadata.get("entityDefs").items()
        for keys in wanted(definition)
        if not has_text(texts, scope, *keys)
    ]

    assert lacking == []


def wanted(definition: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for field, params in definition["fields"].items():
        if params is None:
            continue
        yield "fields", field
        if params.get("tooltip"):
            yield "tooltips", field
        yield from (("options", field, str(option)) for option in params.get("options") or ())
    yield from (("links", link) for link, params in definition["links"].items() if params is not None)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_job_type_has_a_label(metadata: Metadata, locale: str) -> None:
    texts = texts_of(locale)

    for name, job_type in metadata.get("app.jobTypes").items():
        assert has_text(texts, "Job", "options", "type", name), name
        if job_type.get("scheduledJob"):
            assert has_text(texts, "ScheduledJob", "options", "type", name), name


@pytest.mark.parametrize("locale", LOCALES)
def test_every_panel_of_a_layout_has_a_label(locale: str) -> None:
    texts = texts_of(locale)

    for file in LAYOUTS.glob("*/detail*.json"):
        for panel in json.loads(file.read_text()):
            assert has_text(texts, file.parent.name, "labels", panel["label"]), file


def test_core_speaks_german(tmp_path: Path) -> None:
    with Application(tmp_path) as application:
        application.container.get("config").set("language", "de_DE")
        language = application.container.get("language")

        assert language.translate_option("Failed", "status", "Job") == "Fehlgeschlagen"
        assert language.translate_option("SendEmail", "type", "Job") == "E-Mail senden"
        assert language.translate("createdAt", "fields", "Job") == "Erstellt am"
        assert language.problems == []


# Whose language


def test_the_settings_say_the_language_and_what_comes_after_it(installation: Installation) -> None:
    installation.add_module("Shop", {"Resources/i18n/fr_FR/Shop.json": {"labels": {"a": "fr"}}})
    installation.write_config(language="de_DE", fallbackLanguage="fr_FR")

    with installation.application() as application:
        language = application.container.get("language")

        assert [language.locale, language.fallback_locale] == ["de_DE", "fr_FR"]
        assert language.translate("a", scope="Shop") == "fr"
        assert language.translate("Save") == "Speichern"


def test_the_installation_may_have_texts_of_its_own(installation: Installation) -> None:
    file = installation.data / "i18n" / "en_US" / "Global.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"labels": {"Save": "Keep"}}')

    with installation.application() as application:
        assert application.container.get("language").translate("Save") == "Keep"

    file.write_text("{")
    assert f"{file}:1: " in installation.console("check").stderr


def test_a_user_may_prefer_another_language(installation: Installation) -> None:
    field = {"fields": {"language": {"type": "varchar"}}}
    installation.add_module("Languages", {"Resources/metadata/entityDefs/User.json": field})

    with installation.application() as application:
        language, manager = (application.container.get(name) for name in ("language", "entityManager"))
        user = manager.get_entity("User")
        manager.set_user(user)
        before = language.translate("Save")
        user.set("language", "de_DE")

        assert [before, language.translate("Save"), language.locale] == ["Save", "Speichern", "de_DE"]
