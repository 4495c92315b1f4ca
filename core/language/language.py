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

#: A locale, or a function that is asked at each translation, so that a change counts.
Locale = str | Callable[[], str]
MaybeLocale = str | None | Callable[[], str | None]


@dataclass
class _Loaded:
    data: dict[str, Any]
    problems: list[str] = field(default_factory=list)


class Language:
    """Translates into one locale; what it has no text for comes from the fallback locale, then from `en_US`.

    `layers` are the `Resources/i18n` directories of core and the modules, in load order, and the installation's own.
    They are read at the first translation into a locale.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        locale: Locale = BASE_LOCALE,
        event_manager: EventManager | None = None,
        *,
        fallback_locale: MaybeLocale = None,
    ) -> None:
        self._locale = locale
        self._layers = list(layers)
        self._fallback_locale = fallback_locale
        self._event_manager = event_manager
        self._loaded: dict[tuple[str, str | None], _Loaded] = {}

    @property
    def locale(self) -> str:
        """The locale that is translated into now."""
        return self._locale if isinstance(self._locale, str) else self._locale()

    @property
    def fallback_locale(self) -> str | None:
        """The locale that is asked next, if there is one."""
        return self._fallback_locale() if callable(self._fallback_locale) else self._fallback_locale

    def translate(self, name: str, category: str = "labels", scope: str = GLOBAL) -> str:
        """The text of a name in a category (`labels`, `fields`, `messages`, `exceptions`), else the name itself.

        A scope that has none takes that of the scope Global.
        """
        return self._find(scope, category, name) or name

    def translate_option(self, value: str, field: str, scope: str = GLOBAL) -> str:
        """The text of one of a field's options, else the value itself."""
        return self._find(scope, "options", field, value) or value

    def speaking(self, locale: str) -> Language:
        """The same texts in another locale: for one who reads a page, whatever the installation's language is."""
        language = Language(self._layers, locale, self._event_manager, fallback_locale=self._fallback_locale)
        language._loaded = self._loaded  # what one of them has read, all have
        return language

    def locales(self) -> list[str]:
        """The locales that core, a module or the installation has texts in."""
        return locales_of(self._layers)

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
        key = (self.locale, self.fallback_locale)
        if key not in self._loaded:
            self._loaded[key] = self._load(*key)
        return self._loaded[key]

    def _load(self, locale: str, fallback_locale: str | None) -> _Loaded:
        problems: list[str] = []
        wanted = [BASE_LOCALE, fallback_locale, locale]
        data = read_translations(self._layers, [each for each in wanted if each], problems)
        for problem in problems:
            logger.warning(problem)
        if self._event_manager is not None and self._event_manager.has_listeners("Language", "modify"):
            event = Event({"data": data, "locale": locale})
            data = self._event_manager.dispatch("Language", "modify", event).get_argument("data")
        return _Loaded(data, problems)
