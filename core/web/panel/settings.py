"""The settings that can be changed while everything runs: checked, and written into data/config.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.access.audit import Audit
from core.config import Config
from core.config.config import FEWEST_WORKERS, MOST_WORKERS
from core.config.settings import SETTINGS
from core.container import Container
from core.exceptions import ConfigurationError
from core.schedule.zones import zone_names
from core.web.panel.form_fields import Form, FormFields
from core.web.panel.pages import Pages
from core.web.panel.texts import Texts
from core.web.signed_in import Administrator

#: Those that need no restart, and lock nobody out. Where the database is, is said on the machine alone.
_GROUPS = {
    "Workers": (
        *("maxConcurrentWorkers", "reservedWorkers", "maxRunsPerWorker", "maxWorkerMemory"),
        *("priorityAging", "cancelGracePeriod", "shutdownTimeout", "reloadCode"),
    ),
    "Language and time": ("language", "fallbackLanguage", "timeZone"),
    "Log files": ("logger.level", "logger.jobLevel", "logger.maxFileNumber", "logger.maxFileSizeMiB"),
    "Web": ("web.sessionHours", "web.queryTimeout", "web.url", "redact"),
}
#: What lies beyond is taken for the nearest of the two; who writes it here is told so.
_BOUNDS = {"maxConcurrentWorkers": (FEWEST_WORKERS, MOST_WORKERS)}
_NAMES = [name for names in _GROUPS.values() for name in names]


def settings_routes(container: Container, pages: Pages) -> APIRouter:
    """`/settings`"""
    router = APIRouter(include_in_schema=False)
    config: Config = container.get("config")

    def page(request: Request, texts: Mapping[str, str], faults: Mapping[str, str], status: int = 200) -> Response:
        groups = {group: [(name, SETTINGS[name], texts[name]) for name in names] for group, names in _GROUPS.items()}
        is_broken = config.problem is not None
        expressions = set() if is_broken else config.expressions(_NAMES)
        context = {"groups": groups, "faults": faults, "problems": config.check(), "expressions": expressions}
        hints = {name: _hint(name, pages.texts(request)) for name in _NAMES}
        lists = {"language": pages.locales(), "fallbackLanguage": pages.locales(), "timeZone": zone_names()}
        context |= {"bounds": _BOUNDS, "hints": hints, "lists": lists}
        return pages.show(request, "settings.html", status=status, is_broken=is_broken, **context)

    @router.get("/settings")
    def show(identity: Administrator, request: Request) -> Response:
        """The form with the values in force."""
        config.reload_if_changed()
        return page(request, {name: _shown(config.get(name)) for name in _NAMES}, {})

    @router.post("/settings")
    def save(identity: Administrator, request: Request, form: Form) -> Response:
        """Write what was changed; a value that may not be is told beside its field, and nothing is written."""
        config.reload_if_changed()
        texts = {name: form.get(name, _shown(config.get(name))) for name in _NAMES}
        changes, faults = _changes(config, form, pages.texts(request))
        if faults:
            return page(request, texts, faults, 400)
        if changes:
            before = {name: config.get(name) for name in changes}
            try:
                _write(config, changes)
            except ConfigurationError as error:
                return page(request, texts, {"": str(error)}, 409)
            config.reload_if_changed()
            container.get(Audit).note("edit", "Settings", before=before, after=changes)
        return pages.go(request, "/settings", pages.texts(request).label("Saved."))

    return router


def _changes(config: Config, form: FormFields, texts: Texts) -> tuple[dict[str, Any], dict[str, str]]:
    """What is to be other than it is, and what may not be, by name; an empty field means the default."""
    changes: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name in _NAMES:
        setting, text = SETTINGS[name], form.get(name, "\0")
        if text == "\0":
            continue
        value = setting.default if text == "" else _value(setting.default, text)
        least, most = _BOUNDS.get(name, (-inf, inf))
        if value is not None and not setting.fits(value):
            faults[name] = _hint(name, texts)
        elif value != config.get(name):
            if name in _BOUNDS and not least <= value <= most:
                faults[name] = _hint(name, texts)
            changes[name] = value
    return changes, faults


def _hint(name: str, texts: Texts) -> str:
    """What a value is to be."""
    meaning = texts.label(SETTINGS[name].meaning, "Settings")
    if name in _BOUNDS:
        least, most = _BOUNDS[name]
        meaning += " " + texts.label("from {least} to {most}", least=least, most=most)
    return f"{name}: {meaning}"


def _value(default: Any, text: str) -> Any:
    """The text as a value of the default's kind; a text that is none stays one, and does not fit then."""
    if default is None or isinstance(default, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _write(config: Config, changes: Mapping[str, Any]) -> None:
    # One of its own: what cannot be written is not in force in this process either.
    fresh = Config(config.root)
    for name in dict.fromkeys(each.partition(".")[0] for each in changes):
        value = changes[name] if name in changes else _section(fresh, name, changes)
        if value is None or value == {} or (name in SETTINGS and value == SETTINGS[name].default):
            fresh.remove(name)
        else:
            fresh.set(name, value)
    fresh.save()


def _section(config: Config, section: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The whole section, without what is as it is by default."""
    values = {f"{section}.{key}": value for key, value in (config.get(section) or {}).items()}
    values |= {name: value for name, value in changes.items() if name.startswith(f"{section}.")}
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    return {
        name.partition(".")[2]: value
        for name, value in values.items()
        if value is not None and (name not in defaults or value != defaults[name])
    }


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
