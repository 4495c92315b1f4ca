"""What listeners are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Event:
    """The arguments of one occurrence; listeners read them, and may set those that the event's contract speaks of."""

    def __init__(self, arguments: Mapping[str, Any] | None = None) -> None:
        self._arguments = dict(arguments or {})

    def get_arguments(self) -> dict[str, Any]:
        """All arguments by name."""
        return self._arguments

    def get_argument(self, name: str) -> Any:
        """An argument, or None where there is none of this name."""
        return self._arguments.get(name)

    def has_argument(self, name: str) -> bool:
        """Whether there is an argument of this name that is not None."""
        return self._arguments.get(name) is not None

    def set_argument(self, name: str, value: Any) -> Self:
        """Change or add an argument, for the next listener and for who dispatched the event; answers the event."""
        self._arguments[name] = value
        return self
