"""Telling listeners what happens to entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.events import Event, EventManager
from core.exceptions import JobInterrupted, text_of
from core.log import logger
from core.orm.entity import Entity
from core.set_aside import reason_of

Options = Mapping[str, Any]


class EntityEvents:
    """The events of one entity type: its own listeners hear first, then those that listen to all entities."""

    def __init__(self, event_manager: EventManager, entity_type: str) -> None:
        self._event_manager = event_manager
        self._entity_type = entity_type
        self._targets = (f"{entity_type}Entity", "Entity")

    def has_listeners(self, action: str) -> bool:
        """Whether anybody listens."""
        return any(self._event_manager.has_listeners(target, action) for target in self._targets)

    def dispatch(self, action: str, entity: Entity, options: Options, **more: Any) -> None:
        """Tell everybody; what a listener raises is passed on, and keeps the others from being told."""
        event = self._event(entity, options, more)
        for target in self._targets:
            if self._event_manager.has_listeners(target, action):
                self._event_manager.dispatch(target, action, event)

    def dispatch_after(self, action: str, entity: Entity, options: Options, **more: Any) -> None:
        """Tell everybody of what is committed already; what a listener raises is logged."""
        event = self._event(entity, options, more)
        for target in self._targets:
            if self._event_manager.has_listeners(target, action):
                run_after(self._event_manager.dispatch, target, action, event)

    def _event(self, entity: Entity, options: Options, more: Mapping[str, Any]) -> Event:
        return Event({"entityType": self._entity_type, "entity": entity, "options": options, **more})


def run_after(call: Callable[..., object], *arguments: object) -> None:
    """Call foreign code after a commit: what it raises is logged with where it comes from, as the commit stands.

    SystemExit is logged as well. KeyboardInterrupt and JobInterrupted, by which a person and the job manager stop it,
    are passed on.
    """
    try:
        call(*arguments)
    except (KeyboardInterrupt, JobInterrupted):
        raise
    except BaseException as error:  # noqa: BLE001 - listeners and repositories of modules are foreign code
        notes = ", ".join(getattr(error, "__notes__", ()))
        name = notes or f"{getattr(call, '__module__', '')}.{getattr(call, '__qualname__', call)}"
        said = text_of(error) if isinstance(error, Exception) else reason_of(error)
        logger.exception("%s (after the commit, which stands): %s", name, said)
