"""Templates in Twig's place: Jinja, whose language is nearly the same, in its sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.config import Config
from core.metadata import Metadata
from core.templating.output_types import cast

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

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
            values = {"config": without_secrets(self._config.to_dict()), **(data or {})}
            return cast(self._environment.from_string(template).render(values).strip(), output_type)
        except Exception as error:  # noqa: BLE001 - a template and its data may raise anything
            return f"Error: {error}"

    @cached_property
    def _environment(self) -> SandboxedEnvironment:
        from jinja2 import ChainableUndefined  # heavy: most commands and jobs render nothing
        from jinja2.sandbox import SandboxedEnvironment

        environment = SandboxedEnvironment(undefined=ChainableUndefined)
        environment.filters.update(self._handlers("filters", "filter"))
        environment.globals.update(self._handlers("functions", "run"))
        return environment

    def _handlers(self, kind: str, method: str) -> dict[str, Callable[..., Any]]:
        entries = self._metadata.get(["twig", kind], {})
        return {
            name: self._handler(entry["handler"], method) for name, entry in entries.items() if entry.get("handler")
        }

    def _handler(self, reference: str, method: str) -> Callable[..., Any]:
        made: list[Any] = []

        def call(*arguments: Any, **options: Any) -> Any:
            if not made:
                made.append(self._make_handler(reference))
            return getattr(made[0], method)(*arguments, **options)

        return call


def without_secrets(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that a template may see."""
    return {
        name: without_secrets(value) if isinstance(value, dict) else value
        for name, value in settings.items()
        if not SECRET.search(str(name))
    }
