"""The service `ExampleGreeter`."""

from __future__ import annotations

from core.events import Event, EventManager
from core.language import Language


class ExampleGreeter:
    """Greets people. What a service needs stands in its constructor, and the container brings it."""

    def __init__(self, language: Language, event_manager: EventManager) -> None:
        self._language = language
        self._event_manager = event_manager

    def greet(self, name: str) -> str:
        """A greeting in the user's language; listeners may change it."""
        greeting = self._language.translate("greeting", scope="Example").format(name=name)
        event = self._event_manager.dispatch("ExampleGreeter", "after_greet", Event({"greeting": greeting}))
        return str(event.get_argument("greeting"))
