"""Telling listeners what a record service does."""

from __future__ import annotations

from typing import Any

from core.events import Event, EventManager
from core.orm.entity_events import run_after

Arguments = dict[str, Any]


class ServiceEvents:
    """The events of one service: those who listen to all services hear first, then its own listeners.

    Every event also has the arguments `entityType` and `service`. Without a listener nothing is made.
    """

    def __init__(self, event_manager: EventManager, entity_type: str, service: object) -> None:
        self._event_manager = event_manager
        self._always = {"entityType": entity_type, "service": service}
        self._targets = ("Service", f"{entity_type}Service")

    def has_listeners(self, action: str) -> bool:
        """Whether anybody listens."""
        has = self._event_manager.has_listeners
        first, second = self._targets
        return has(first, action) or has(second, action)

    def dispatch(self, action: str, arguments: Arguments) -> Arguments:
        """Tell everybody, and answer the arguments as the listeners left them; what one raises is passed on."""
        if not self.has_listeners(action):
            return arguments
        event = self._event(arguments)
        for target in self._targets:
            self._event_manager.dispatch(target, action, event)
        return event.get_arguments()

    def dispatch_after(self, action: str, arguments: Arguments) -> Arguments:
        """Tell everybody of a change that is committed already: what a listener raises is logged."""
        if not self.has_listeners(action):
            return arguments
        event = self._event(arguments)
        for target in self._targets:
            run_after(self._event_manager.dispatch, target, action, event)
        return event.get_arguments()

    def _event(self, arguments: Arguments) -> Event:
        return Event({**arguments, **self._always})
