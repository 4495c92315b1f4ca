"""What SQLite lacks: letters beyond ASCII, and regular expressions."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from typing import Any

from core.orm.letter_case import lower, upper

_compiled = lru_cache(maxsize=256)(re.compile)


def add_functions(connection: sqlite3.Connection) -> None:
    """`lower` and `upper` for all letters, and the operator REGEXP."""
    connection.create_function("lower", 1, lambda value: lower(value) if isinstance(value, str) else value)
    connection.create_function("upper", 1, lambda value: upper(value) if isinstance(value, str) else value)
    connection.create_function("regexp", 2, _regexp)


def _regexp(pattern: str, value: Any) -> bool | None:
    if value is None:
        return None
    # A column of texts may hold bytes, by bare SQL.
    return isinstance(value, str) and _compiled(pattern).search(value) is not None
