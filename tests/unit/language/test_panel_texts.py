"""Pages have a text in each language for all that they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.language import Language
from core.metadata import Layer
from core.web.panel.texts import Texts

CORE = Path(__file__).parents[3] / "core"
TEXT = r'\(\s*"((?:[^"\\]|\\.)*)"'


def said() -> Iterator[str]:
    for file in (CORE / "web" / "templates").rglob("*.html"):
        yield from re.findall(rf"\bt{TEXT}", file.read_text())
    for file in (CORE / "web" / "panel").rglob("*.py"):
        yield from re.findall(rf"(?:\.label|\bt){TEXT}", file.read_text())


@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_every_text_of_a_page_is_translated(locale: str) -> None:
    folder = CORE / "Resources" / "i18n" / locale
    known = [json.loads((folder / f"{scope}.json").read_text())["labels"] for scope in ("Panel", "Global")]

    assert sorted(text for text in set(said()) if not any(text in labels for labels in known)) == []


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en_US", ["1,234,567", "0.5", "900 B", "46 KiB", "1,177.4 MiB"]),
        ("de_DE", ["1.234.567", "0,5", "900 B", "46 KiB", "1.177,4 MiB"]),
    ],
)
def test_numbers_are_written_as_the_language_does(locale: str, written: list[str]) -> None:
    texts = Texts(Language([Layer("core", CORE / "Resources" / "i18n")], locale))

    sizes = [texts.size(size) for size in (900, 47_104, 1_234_567_890)]
    assert [texts.number(1_234_567), texts.number(0.5, 1), *sizes] == written
