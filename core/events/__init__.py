"""What happens is told here, and listeners of core and of the modules hear of it; nothing here knows what happens."""

from core.events.event import Event
from core.events.event_manager import EventManager

__all__ = ["Event", "EventManager"]
