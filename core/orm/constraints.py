"""What it means that a database's constraint refuses a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.exc import IntegrityError

from core.exceptions import BadRequest, DatabaseError, Error, NotUnique
from core.orm.backend import Refusal
from core.orm.backends import mariadb, postgresql, sqlite
from core.orm.entity_type import EntityType
from core.orm.names import index_name
from core.sentence import Sentence, joined

_READERS: tuple[Callable[[BaseException], Refusal | None], ...] = (
    sqlite.refused_constraint,
    postgresql.refused_constraint,
    mariadb.refused_constraint,
)


def constraint_error(entity_type: EntityType, error: IntegrityError) -> Error | DatabaseError:
    """NotUnique that names the attributes, BadRequest for a missing value, DatabaseError for anything else."""
    refusal = _refusal(error)
    if refusal is None:
        return DatabaseError(f"{entity_type.name}: {error.orig}")
    attributes = ", ".join(_attributes(entity_type, refusal))
    if refusal.kind == "NOT NULL":
        told = Sentence("{entity}: {attributes} must have a value.", entity=entity_type.name, attributes=attributes)
        return BadRequest(told)
    same = Sentence(
        "{entity}: another record has the same {attributes}.", entity=entity_type.name, attributes=attributes
    )
    return NotUnique(joined([Sentence("The record cannot be created due to database constraints."), same]))


def _refusal(error: IntegrityError) -> Refusal | None:
    if error.orig is None:
        return None
    found = (read(error.orig) for read in _READERS)
    return next((refusal for refusal in found if refusal is not None), None)


def _attributes(entity_type: EntityType, refusal: Refusal) -> Iterable[str]:
    columns = refusal.columns or _columns_of(entity_type, refusal.index or "")
    named = [_attribute(entity_type, each) for each in columns]
    # `deleted` is in a unique index only so that a removed record does not count.
    return [each for each in named if each != "deleted"]


def _columns_of(entity_type: EntityType, index: str) -> Iterable[str]:
    for definition in entity_type.indexes:
        if index_name(entity_type.table_name, definition.name) == index:
            return [name for name, _ in definition.columns]
    # Not one of ours: the primary key, or an index that somebody made by hand.
    return ["id"] if index in ("PRIMARY", f"{entity_type.table_name}_pkey") else [index]


def _attribute(entity_type: EntityType, column: str) -> str:
    return entity_type.by_column[column].name if column in entity_type.by_column else column
