"""The container's `twig`: Twig's language, on Jinja, in its sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.config import Config
from core.exceptions import AtroError, Error
from core.log import logger
from core.metadata import Metadata
from core.templating.output_types import cast

if TYPE_CHECKING:
    from core.templating.environment import TwigEnvironment

#: The method that a handler has to have.
METHODS = {"filters": "filter", "functions": "run"}

#: Settings that no template may show.
SECRET = re.compile("password|secret|token|salt|key|database", re.IGNORECASE)


class Twig:
    """Renders templates with the filters and functions that metadata name.

    `twig.filters.<name>.handler` is a class with `filter(value, ...)`, `twig.functions.<name>.handler` one with
    `run(...)`. `make_handler` builds the handler of such a reference; it is asked when a template first uses the name.
    """

    def __init__(self, metadata: Metadata, config: Config, make_handler: Callable[[str], Any]) -> None:
        self._metadata = metadata
        self._config = config
        self._make_handler = make_handler

    def render_template(self, template: str, data: dict[str, Any] | None = None, output_type: str = "text") -> Any:
        """The template filled with the data and with `config`, trimmed, as text or as another type.

        The types, and what null is, are those of `output_types.cast`. As in AtroCore (section 8.4) an error is not
        raised, but answered as the text `Error: ...`.
        """
        try:
            return cast(self._fill(template, data).strip(), output_type)
        except Exception as error:  # noqa: BLE001 - a template and its data may raise anything
            return f"Error: {error}"

    def render(self, template: str, data: dict[str, Any] | None = None) -> str:
        """The template filled with the data and with `config`, trimmed; Error with the reason where that fails."""
        try:
            return self._fill(template, data).strip()
        except Exception as error:
            raise Error(str(error)) from error

    def _fill(self, template: str, data: dict[str, Any] | None) -> str:
        values = {"config": without_secrets(self._config.to_dict()), **(data or {})}
        return self._environment.template(template).render(values)

    @cached_property
    def _environment(self) -> TwigEnvironment:
        from core.templating.environment import (
            TwigEnvironment,
        )  # brings Jinja, and most commands and jobs render nothing

        # The bound methods: of an object a template could read the attributes.
        filters, functions = (
            {name: handler.call for name, handler in self._handlers(kind).items()} for kind in ("filters", "functions")
        )
        return TwigEnvironment(filters, functions)

    def check(self) -> list[str]:
        """What is wrong with the filters and functions of a right form; makes them all."""
        return [
            problem for kind in METHODS for handler in self._handlers(kind).values() if (problem := handler.problem())
        ]

    def _handlers(self, kind: str) -> dict[str, Handler]:
        """Those of a right form; of the others the schema says what is wrong."""
        entries = self._metadata.get(["twig", kind])
        handlers = {}
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            reference = entry.get("handler") if isinstance(entry, dict) else None
            if reference and isinstance(reference, str):
                handlers[name] = Handler(kind, name, reference, self._make_handler)
            elif entry is not None:
                logger.warning("twig.%s.%s has no class as handler, and is left out: %r", kind, name, entry)
        return handlers


@dataclass
class Handler:
    """A filter or function of templates; its object is made when a template first calls it."""

    kind: str
    name: str
    reference: str
    make: Callable[[str], Any]

    def call(self, *arguments: Any, **options: Any) -> Any:
        """What its method answers; raises Error where it cannot be made."""
        return self._method(*arguments, **options)

    def problem(self) -> str | None:
        """Why it cannot be called, or None."""
        try:
            self._method  # noqa: B018 - made for the first time, and kept
        except Error as error:
            return str(error)
        return None

    @cached_property
    def _method(self) -> Callable[..., Any]:
        whose = f"The handler '{self.reference}' of twig.{self.kind}.{self.name}"
        try:
            made = self.make(self.reference)
        except Exception as error:  # a module's class may raise anything
            reason = str(error) if isinstance(error, AtroError) else f"{type(error).__name__}: {error}"
            raise Error(f"{whose} cannot be made: {reason}") from error
        method = getattr(made, METHODS[self.kind], None)
        if not callable(method):
            raise Error(f"{whose} has no method '{METHODS[self.kind]}'.")
        return method  # type: ignore[no-any-return]  # callable, as was asked


def without_secrets(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that a template may see."""
    return {
        name: without_secrets(value) if isinstance(value, dict) else value
        for name, value in settings.items()
        if not SECRET.search(str(name))
    }
