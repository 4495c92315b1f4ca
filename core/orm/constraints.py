"""What a database's refusal means."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError

from core.exceptions import BadRequest, DatabaseBusy, DatabaseError, Error, NotUnique
from core.orm.entity_type import EntityType

# SQLite: "UNIQUE constraint failed: rate.currency, rate.date", or "index 'name'" where it is partial.
_REFUSAL = re.compile(r"(?P<kind>UNIQUE|NOT NULL) constraint failed: (?P<what>.+)")


def constraint_error(entity_type: EntityType, error: IntegrityError) -> Error | DatabaseError:
    """NotUnique that names the attributes, BadRequest for a missing value, DatabaseError for anything else."""
    refusal = _REFUSAL.search(str(error.orig))
    if refusal is None:
        return DatabaseError(f"{entity_type.name}: {error.orig}")
    # `deleted` is in a unique index only so that a removed record does not count.
    named = [_attribute(entity_type, each) for each in refusal["what"].split(", ")]
    attributes = ", ".join(each for each in named if each != "deleted")
    if refusal["kind"] == "NOT NULL":
        return BadRequest(f"{entity_type.name}: {attributes} must have a value.")
    return NotUnique(f"{NotUnique.__doc__} {entity_type.name}: another record has the same {attributes}.")


def is_busy(error: DBAPIError) -> bool:
    """Whether somebody else's transaction is in the way."""
    return _code(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def database_error(path: Path, error: DBAPIError) -> DatabaseError:
    """One sentence that says what is wrong with the database file, and what to do."""
    if is_busy(error):
        return DatabaseBusy(
            f"The database {path} stayed locked for too long. Does another program, such as the sqlite3 shell, have a "
            "transaction open?"
        )
    if _code(error) == "SQLITE_FULL":
        return DatabaseError(f"The disk of the database {path} is full. Make room on it, and try again.")
    if _code(error).startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")):
        return DatabaseError(
            f"The database {path} cannot be read and written: {error.orig}. Do the file and its folder belong to "
            "another user, or is the disk read-only?"
        )
    return DatabaseError(f"The database {path} refused: {error.orig}.")


def _code(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlite_errorname", None))


def _attribute(entity_type: EntityType, column: str) -> str:
    name = column.rpartition(".")[2]
    return entity_type.by_column[name].name if name in entity_type.by_column else name
