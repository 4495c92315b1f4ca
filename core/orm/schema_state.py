"""What this installation remembers in its database about the database itself: texts by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Column, Connection, MetaData, Row, String, Table, delete, insert, inspect, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.schema import CreateTable

from core.orm.column_types import TABLE_OPTIONS

#: The table in which it stands. It is made and changed here only.
STATE_TABLE = "pyatro_state"
_NAME_CHARACTERS, _VALUE_CHARACTERS = 190, 255
_NAMED, _LONGEST = 3, 70
_STATE = Table(
    STATE_TABLE,
    MetaData(),
    Column("name", String(_NAME_CHARACTERS), primary_key=True),
    Column("value", String(_VALUE_CHARACTERS), nullable=False),
    **TABLE_OPTIONS,
)


def read_state(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Those of the values that are there, by one cheap read; none in a new database."""
    statement = select(_STATE.c.name, _STATE.c.value).where(_STATE.c.name.in_(names))
    # In a transaction a statement that fails would end it (PostgreSQL).
    if connection.in_transaction() and not _is_there(connection):
        return {}
    try:
        return _values(connection.execute(statement))
    except (OperationalError, ProgrammingError):
        if not _is_there(connection):
            return {}
    return _values(connection.execute(statement))  # somebody has made the table meanwhile


def read_state_group(connection: Connection, prefix: str) -> dict[str, str]:
    """All values whose names begin with `prefix`, by the rest of the name."""
    if not _is_there(connection):
        return {}
    rows = connection.execute(select(_STATE.c.name, _STATE.c.value).where(_STATE.c.name.startswith(prefix)))
    return {name.removeprefix(prefix): value for name, value in rows}


def write_state(connection: Connection, values: Mapping[str, str | None]) -> None:
    """Remember each value in place of the former one; None forgets it. What is too long is cut off."""
    _make_table(connection)
    connection.execute(delete(_STATE).where(_STATE.c.name.in_(values)))
    rows = [{"name": name, "value": value[:_VALUE_CHARACTERS]} for name, value in values.items() if value is not None]
    if rows:
        connection.execute(insert(_STATE), rows)


def in_short(texts: Sequence[str]) -> str:
    """A few of the texts and the number of the others, short enough to be remembered."""
    more = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return ", ".join(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..." for text in texts[:_NAMED]) + more


def _values(rows: Iterable[Row[tuple[str, str]]]) -> dict[str, str]:
    return {row.name: row.value for row in rows}


def _make_table(connection: Connection) -> None:
    # Not IF NOT EXISTS alone: it would commit on MariaDB, though there is nothing to do.
    if not _is_there(connection):
        connection.execute(CreateTable(_STATE, if_not_exists=True))


def _is_there(connection: Connection) -> bool:
    return inspect(connection).has_table(_STATE.name)
