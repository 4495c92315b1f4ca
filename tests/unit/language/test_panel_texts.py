"""Pages have a text in each language for all that they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
