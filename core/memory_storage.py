"""What one process remembers while it does one piece of work."""

from __future__ import annotations

from typing import Any


class MemoryStorage:
    """Values by key, for as long as a job or a request lasts; AtroCore's names (section 8.4)."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def set(self, key: str, value: Any) -> None:
        """Remember a value, in place of the one that the key had."""
        self._values[key] = value

    def get(self, key: str) -> Any:
        """The value, or None."""
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Whether there is a value, be it None."""
        return key in self._values

    def delete(self, key: str) -> None:
        """Forget a key; an unknown one is no error."""
        self._values.pop(key, None)

    def get_keys(self) -> list[str]:
        """All keys, in the order in which they came."""
        return list(self._values)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
