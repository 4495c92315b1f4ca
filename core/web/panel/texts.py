"""Translations for pages."""

from __future__ import annotations

from core.language import Language
from core.sentence import Sentence

_SCOPE = "Panel"
_SENTENCES = "Sentences"


class Texts:
    """The texts of one language, in the words of templates."""

    def __init__(self, language: Language) -> None:
        self._language = language

    @property
    def locale(self) -> str:
        """`en_US`"""
        return self._language.locale

    def label(self, text: str, scope: str = _SCOPE, **values: object) -> str:
        """The text itself is its name: `t("Log in")`. `{count}` in it stands for the value of that name."""
        found = self._language.translate(text, "labels", scope)
        for name, value in values.items():
            found = found.replace(f"{{{name}}}", str(value))
        return found

    def number(self, value: float, decimals: int = 0) -> str:
        """`1,234.5`, or `1.234,5`, as the language writes it."""
        example = self.label("1,234.5")
        return f"{value:,.{decimals}f}".translate({ord(","): example[1], ord("."): example[-2]})

    def size(self, size: int) -> str:
        """Bytes for people: `90 B`, `463 KiB`."""
        if size < 1024:
            return f"{size} B"
        return f"{self.number(size / 1024)} KiB" if size < 1024**2 else f"{self.number(size / 1024**2, 1)} MiB"

    def menu(self, text: str) -> str:
        """The text of an entry of the side bar, which may be anybody's."""
        found = self.label(text)
        return self.label(text, "Global") if found == text else found

    def field(self, name: str, scope: str) -> str:
        """The name of a field."""
        return self._language.translate(name, "fields", scope)

    def link(self, name: str, scope: str) -> str:
        """The name of a link."""
        found = self._language.translate(name, "links", scope)
        return self.field(name, scope) if found == name else found

    def option(self, value: str, field: str, scope: str) -> str:
        """The name of one of a field's options."""
        return self._language.translate_option(value, field, scope)

    def own(self, text: object) -> str:
        """A text that a job type has in its metadata: its translation is the label of that name in `Job.json`."""
        return self.label(str(text), "Job") if text else ""

    def sentence(self, text: str) -> str:
        """What `Sentence` made, in this language; another text, or one that has no translation, is shown as it is."""
        if not isinstance(text, Sentence):
            return text
        return text.said_with(lambda template: self._language.translate(template, "labels", _SENTENCES))

    def tooltip(self, name: str, scope: str) -> str | None:
        """What there is to know of a field."""
        found = self._language.translate(name, "tooltips", scope)
        return None if found == name else found

    def scope(self, name: str) -> str:
        """What one record of an entity is called."""
        return self._language.translate(name, "scopeNames", name)

    def scopes(self, name: str) -> str:
        """What many records of an entity are called."""
        return self._language.translate(name, "scopeNamesPlural", name)
