"""The translations of one locale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.events import Event, EventManager
from core.language.translations import BASE_LOCALE, read_translations
from core.log import logger
from core.metadata import Layer
from core.metadata.value_path import value_at

#: What a scope has no text for is looked up here.
GLOBAL = "Global"


@dataclass
class _Loaded:
    data: dict[str, Any]
    problems: list[str] = field(default_factory=list)


class Language:
    """Translates into one locale; what it has no text for comes from the fallback locale, then from `en_US`.

    `layers` are the `Resources/i18n` directories of core and the modules, in load order. They are read at the first
    translation.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        locale: str = BASE_LOCALE,
        event_manager: EventManager | None = None,
        *,
        fallback_locale: str | None = None,
    ) -> None:
        self.locale = locale
        self._layers = list(layers)
        self._fallback_locale = fallback_locale
        self._event_manager = event_manager

    def translate(self, name: str, category: str = "labels", scope: str = GLOBAL) -> str:
        """The text of a name in a category (`labels`, `fields`, `messages`, `exceptions`), else the name itself."""
        return self._find(scope, category, name) or name

    def translate_option(self, value: str, field: str, scope: str = GLOBAL) -> str:
        """The text of one of a field's options, else the value itself."""
        return self._find(scope, "options", field, value) or value

    @property
    def problems(self) -> list[str]:
        """What is wrong with the files, by file and reason; they are read for it."""
        return self._loaded.problems

    def _find(self, scope: str, *keys: str) -> str | None:
        for each in (scope, GLOBAL):
            found = value_at(self._loaded.data, (each, *keys))
            if isinstance(found, str):
                return found
        return None

    @cached_property
    def _loaded(self) -> _Loaded:
        problems: list[str] = []
        wanted = [BASE_LOCALE, self._fallback_locale, self.locale]
        data = read_translations(self._layers, [locale for locale in wanted if locale], problems)
        for problem in problems:
            logger.warning(problem)
        if self._event_manager is not None and self._event_manager.has_listeners("Language", "modify"):
            event = Event({"data": data, "locale": self.locale})
            data = self._event_manager.dispatch("Language", "modify", event).get_argument("data")
        return _Loaded(data, problems)
