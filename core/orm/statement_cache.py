"""Statements that were put together before."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import Select

#: Clients send conditions of any shape: what they make is forgotten before it takes much memory.
_MOST = 300


class StatementCache:
    """Select statements by what their SQL depends on: to put one together takes several times as long as to run it."""

    def __init__(self) -> None:
        self._statements: dict[Hashable, Select[Any]] = {}

    def get(self, key: Hashable, make: Callable[[], Select[Any]]) -> Select[Any]:
        """The statement of this key; it is made where it is not known."""
        found = self._statements.get(key)
        if found is None:
            if len(self._statements) >= _MOST:
                self._statements.clear()
            found = self._statements[key] = make()
        return found
