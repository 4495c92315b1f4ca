"""Rendering templates."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.config import Config
from core.metadata import Layer, Metadata
from core.templating import Twig


class Shout:
    def filter(self, text: str, mark: str = "!") -> str:
        return text.upper() + mark


class Add:
    def run(self, *numbers: int) -> int:
        return sum(numbers)


class Kind:
    def filter(self, value: Any) -> str:
        return type(value).__name__


HANDLERS: dict[str, Callable[[], Any]] = {
    "Example.TwigFilter.Shout": Shout,
    "Example.TwigFunction.Add": Add,
    "Example.TwigFilter.Kind": Kind,
}


def make_handler(reference: str) -> Any:
    return HANDLERS[reference]()


@pytest.fixture
def twig(tmp_path: Path) -> Twig:
    directory = tmp_path / "metadata"
    (directory / "twig").mkdir(parents=True)
    (directory / "twig" / "filters.json").write_text(
        '{"shout": {"handler": "Example.TwigFilter.Shout"}, "lost": {"handler": "Nowhere"}, "text": "A.B", "five": 5, '
        '"kind": {"handler": "Example.TwigFilter.Kind"}, "title": {"handler": "Example.TwigFilter.Kind"}}'
    )
    (directory / "twig" / "functions.json").write_text(
        '{"add": {"handler": "Example.TwigFunction.Add"}, "max": {"handler": "Example.TwigFunction.Add"}}'
    )
    metadata = Metadata([Layer("core", directory)], tmp_path / "cache")
    return Twig(metadata, Config(tmp_path), make_handler)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("  Hello {{ name }}\n", "Hello Ada"),
        ("{{ job.payload.name }}", "Bob"),
        ("{{ missing.deeper.still }}", ""),
        ("{% for n in numbers %}{{ n }};{% endfor %}", "1;2;"),
        ("{{ name|shout }} {{ name|shout('?') }}", "ADA! ADA?"),
        ("{{ add(1, 2) }}", "3"),
        ("{{ name|title }} {{ max(1, 2) }}", "str 3"),
        ("{{ no.such.thing|kind }}", "NoneType"),
        ("{{ config.logger.level }}", "WARNING"),
        ("{{ config.database.synchronous }}", ""),
        ("<{{ '<b>' }}>", "<<b>>"),
    ],
)
def test_a_template_is_filled(twig: Twig, template: str, text: str) -> None:
    data = {"name": "Ada", "job": {"payload": {"name": "Bob"}}, "numbers": [1, 2]}

    assert twig.render_template(template, data) == text


@pytest.mark.parametrize(
    ("text", "output_type", "value"),
    [
        ("null", "text", None),
        (" NULL ", "text", None),
        ("", "text", ""),
        ("", "int", None),
        ("12", "int", 12),
        ("-12.9", "int", -12),
        ("123456789012345678901", "int", 123456789012345678901),
        ("1.5", "float", 1.5),
        ("True", "bool", True),
        ("0", "bool", False),
        ("2026-11-23", "date", date(2026, 11, 23)),
        ("2026-11-23 10:20:30", "date", date(2026, 11, 23)),
        ("2026-11-23 10:20:30", "datetime", datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)),
        ("many", "int", "Error: could not convert string to float: 'many'"),
        ("perhaps", "bool", "Error: 'perhaps' is neither true nor false."),
        ("x", "colour", "Error: There is no output type 'colour'; there are text, int, float, bool, date, datetime."),
    ],
)
def test_the_text_becomes_a_value_of_the_type_asked_for(twig: Twig, text: str, output_type: str, value: Any) -> None:
    assert twig.render_template(text, output_type=output_type) == value


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{% if %}", "Error: Expected an expression"),
        ("{{ 1 / 0 }}", "Error: Division by zero."),
        ("{{ 'x'|lost }}", "Error: The handler 'Nowhere' of twig.filters.lost cannot be made: KeyError: 'Nowhere'"),
        ("{{ 'x'|text }}", "Error: No filter named 'text'"),
        ("{{ 'x'|unknown }}", "Error: No filter named 'unknown'"),
        ("{{ add.make('os:system') }}", "Error: "),
        ("{{ add.__self__.make('os:system') }}", "Error: "),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "Error: "),
    ],
)
def test_an_error_is_answered_as_a_text(twig: Twig, template: str, error: str) -> None:
    assert twig.render_template(template).startswith(error)


def test_a_bad_entry_is_left_out_with_a_warning(twig: Twig, caplog: pytest.LogCaptureFixture) -> None:
    assert twig.render_template("{{ name|shout }}", {"name": "Ada"}) == "ADA!"
    assert "twig.filters.text has no class as handler, and is left out: 'A.B'" in caplog.text


def test_handlers_that_cannot_be_made_are_named(twig: Twig) -> None:
    assert twig.check() == ["The handler 'Nowhere' of twig.filters.lost cannot be made: KeyError: 'Nowhere'"]


def test_a_handler_without_its_method_is_named(twig: Twig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, "Nowhere", Add)

    assert twig.check() == ["The handler 'Nowhere' of twig.filters.lost has no method 'filter'."]


def test_templates_see_no_secrets(tmp_path: Path, twig: Twig) -> None:
    config = Config(tmp_path)
    config.set({"cryptKey": "hush", "mail": {"smtpPassword": "hush", "host": "mx"}, "siteUrl": "here"})
    twig = Twig(Metadata([], tmp_path / "cache"), config, make_handler)

    text = twig.render_template("{{ config }}")

    assert "hush" not in text
    assert "mx" in text
    assert "here" in text


def test_jinja_is_loaded_with_the_first_template() -> None:
    code = "import core.templating, sys; assert 'jinja2' not in sys.modules"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
