"""New ids."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id() -> str:
    """A UUIDv7 (RFC 9562), 36 characters; of one process's ids a later one sorts after an earlier one."""
    return str(uuid7())
