"""Whether a database refuses the values of a row, or is in trouble itself."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

# PostgreSQL: data exception, integrity constraint violation, program limit exceeded (a key too long for an index).
_STATES = ("22", "23", "54")
# MariaDB: a row that is too large.
_NUMBERS = (1118,)
_CLASSES = ("DataError", "IntegrityError")


def refused_values(error: Exception) -> str | None:
    """The database's own words where a row is at fault; None where anything else is, and the row may do later."""
    failed = error if isinstance(error, DBAPIError) else error.__cause__
    if not isinstance(failed, DBAPIError) or failed.orig is None:
        return None
    reason = failed.orig
    state, number = getattr(reason, "sqlstate", None) or "", reason.args[0] if reason.args else None
    if type(reason).__name__ in _CLASSES or state[:2] in _STATES or number in _NUMBERS:
        return " ".join(str(reason.args[-1] if reason.args else reason).split())
    return None
