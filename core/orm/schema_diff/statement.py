"""The statements that make a database what the metadata define."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL in the dialect of its database, without a semicolon; `is_drop` where it takes away what is not defined."""

    sql: str
    table: str
    is_drop: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """What was done to a database, and the drops that nobody has asked for."""

    done: Sequence[Statement]
    left: Sequence[Statement]
