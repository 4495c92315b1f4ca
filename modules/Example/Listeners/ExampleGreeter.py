"""What happens when ExampleGreeter tells of something: the file is named as the target of the event."""

from __future__ import annotations

from core.events import Event
from core.Listeners import AbstractListener


class ExampleGreeter(AbstractListener):
    def after_greet(self, event: Event) -> None:
        """The method is named as the action. Core's events are `JobEntity.before_save` and the like."""
        greeting = event.get_argument("greeting")
        if not greeting.endswith((".", "!", "?")):
            event.set_argument("greeting", f"{greeting}!")
