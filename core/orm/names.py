"""From AtroCore's camelCase names to those in the database."""

from __future__ import annotations

import re
from functools import cache
from hashlib import md5

_LONGEST_INDEX_NAME = 55
_INDEX_PREFIX = "IDX_"


@cache
def snake_case(name: str) -> str:
    """`executeTime` -> `execute_time`, `ScheduledJob` -> `scheduled_job`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def index_name(table: str, name: str) -> str:
    """AtroCore's `IDX_<TABLE>_<NAME>`, shortened by a hash where it is too long for a database."""
    full = f"{_INDEX_PREFIX}{table}_{snake_case(name)}".upper()
    if len(full) <= _LONGEST_INDEX_NAME:
        return full
    return _INDEX_PREFIX + md5(full.encode(), usedforsecurity=False).hexdigest().upper()


def is_our_index(name: str) -> bool:
    """Whether an index has a name that `index_name` gives."""
    return name.startswith(_INDEX_PREFIX)
