"""Where templates lie, and what they may use."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from core import clock
from core.access import Redaction
from core.module_manager import Module
from core.web.panel.assets import asset_address
from core.web.panel.plain_text import plain

_FOLDER = Path(__file__).resolve().parents[1] / "templates"
#: As the console writes them: `2026-11-25T20:35:30Z`.
_MOMENT = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")


def make_environment(modules: Sequence[Module], redaction: Redaction) -> Environment:
    """Core's templates by their names, those of a module by `<Module>/<name>`. All that they show is escaped."""
    own = {module.id: FileSystemLoader(module.path / "templates") for module in modules}
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(_FOLDER), PrefixLoader(own)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"asset": asset_address, "icon": _icon}
    environment.filters |= {"time": _time, "moments": _moments, "pretty": _pretty, "jsonattr": _json, "plain": plain}
    environment.filters["redacted"] = lambda text: text if isinstance(text, Markup) else redaction.redact(str(text))
    return environment


def _icon(name: str, classes: str = "") -> Markup:
    """An icon of the sprite; it says nothing to those who cannot see it, so a text stands beside it."""
    address = asset_address("vendor/phosphor/icons.svg")
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        classes, address, name
    )


def _time(moment: datetime | str | None) -> Markup | str:
    """A moment, which the browser shows in its own zone; in UTC where it runs no script."""
    if not moment:
        return ""
    at = clock.from_text(moment) if isinstance(moment, str) else moment
    return Markup('<time datetime="{}">{}</time>').format(clock.to_iso(at), f"{at:%Y-%m-%d %H:%M:%S} UTC")


def _moments(text: str) -> Markup:
    """A sentence as the console writes it, each moment in it as `time` shows it; Markup stays as it is."""
    if isinstance(text, Markup):
        return text
    return Markup("").join(_time_or_text(each) if at % 2 else each for at, each in enumerate(_MOMENT.split(text)))


def _time_or_text(text: str) -> Markup | str:
    try:
        return _time(text)
    except ValueError:  # somebody's own words, which only look like a moment
        return text


def _pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON for the value of an attribute, which the template escapes."""
    return json.dumps(value, ensure_ascii=False, default=str)
