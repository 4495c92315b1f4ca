"""The translations of one locale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.events import Event, EventManager
from core.language.translations import BASE_LOCALE, locales_of, read_translations
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
    translation into a locale. A function as the locale is asked at each translation, so that a changed setting counts.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        locale: str | Callable[[], str] = BASE_LOCALE,
        event_manager: EventManager | None = None,
        *,
        fallback_locale: str | None = None,
    ) -> None:
        self._locale = locale
        self._layers = list(layers)
        self._fallback_locale = fallback_locale
        self._event_manager = event_manager
        self._loaded: dict[str, _Loaded] = {}

    @property
    def locale(self) -> str:
        """The locale that is translated into now."""
        return self._locale if isinstance(self._locale, str) else self._locale()

    def translate(self, name: str, category: str = "labels", scope: str = GLOBAL) -> str:
        """The text of a name in a category (`labels`, `fields`, `messages`, `exceptions`), else the name itself."""
        return self._find(scope, category, name) or name

    def translate_option(self, value: str, field: str, scope: str = GLOBAL) -> str:
        """The text of one of a field's options, else the value itself."""
        return self._find(scope, "options", field, value) or value

    @property
    def problems(self) -> list[str]:
        """What is wrong with the files of this locale, by file and reason; they are read for it."""
        return self._texts().problems

    def check(self) -> list[str]:
        """Everything that is wrong with the files of all locales as they are now."""
        problems: list[str] = []
        read_translations(self._layers, locales_of(self._layers), problems)
        return problems

    def _find(self, scope: str, *keys: str) -> str | None:
        data = self._texts().data
        for each in (scope, GLOBAL):
            found = value_at(data, (each, *keys))
            if isinstance(found, str):
                return found
        return None

    def _texts(self) -> _Loaded:
        locale = self.locale
        if locale not in self._loaded:
            self._loaded[locale] = self._load(locale)
        return self._loaded[locale]

    def _load(self, locale: str) -> _Loaded:
        problems: list[str] = []
        wanted = [BASE_LOCALE, self._fallback_locale, locale]
        data = read_translations(self._layers, [each for each in wanted if each], problems)
        for problem in problems:
            logger.warning(problem)
        if self._event_manager is not None and self._event_manager.has_listeners("Language", "modify"):
            event = Event({"data": data, "locale": locale})
            data = self._event_manager.dispatch("Language", "modify", event).get_argument("data")
        return _Loaded(data, problems)
