"""What a database's refusal means."""

from __future__ import annotations

import re

from sqlalchemy.exc import IntegrityError

from core.exceptions import BadRequest, DatabaseError, Error, NotUnique
from core.orm.entity_type import EntityType

# SQLite: "UNIQUE constraint failed: rate.currency, rate.date", or "index 'name'" where it is partial.
_REFUSAL = re.compile(r"(?P<kind>UNIQUE|NOT NULL) constraint failed: (?P<what>.+)")


def constraint_error(entity_type: EntityType, error: IntegrityError) -> Error | DatabaseError:
    """NotUnique that names the attributes, BadRequest for a missing value, DatabaseError for anything else."""
    refusal = _REFUSAL.search(str(error.orig))
    if refusal is None:
        return DatabaseError(f"{entity_type.name}: {error.orig}")
    attributes = ", ".join(_attribute(entity_type, each) for each in refusal["what"].split(", "))
    if refusal["kind"] == "NOT NULL":
        return BadRequest(f"{entity_type.name}: {attributes} must have a value.")
    return NotUnique(f"{NotUnique.__doc__} {entity_type.name}: another record has the same {attributes}.")


def _attribute(entity_type: EntityType, column: str) -> str:
    name = column.rpartition(".")[2]
    return entity_type.by_column[name].name if name in entity_type.by_column else name
