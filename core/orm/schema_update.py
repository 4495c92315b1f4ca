"""Bringing a database up to what is defined, without ever dropping anything."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Column, Connection, Index, MetaData, String, Table, delete, insert, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable
from sqlalchemy.sql.functions import FunctionElement

from core.orm.column_types import TABLE_OPTIONS

_STATE = Table(
    "pyatro_state",
    MetaData(),
    Column("name", String(64), primary_key=True),
    Column("value", String(255), nullable=False),
    **TABLE_OPTIONS,
)
_FINGERPRINT = "schema"


def read_fingerprint(connection: Connection) -> str | None:
    """What `write_fingerprint` wrote last, or None for a new database."""
    statement = select(_STATE.c.value).where(_STATE.c.name == _FINGERPRINT)
    try:
        return connection.execute(statement).scalar()
    except (OperationalError, ProgrammingError):
        if not inspect(connection).has_table(_STATE.name):
            return None
    return connection.execute(statement).scalar()  # somebody has made the table meanwhile


def write_fingerprint(connection: Connection, fingerprint: str) -> None:
    """Remember which definitions the tables were made from."""
    connection.execute(CreateTable(_STATE, if_not_exists=True))
    connection.execute(delete(_STATE).where(_STATE.c.name == _FINGERPRINT))
    connection.execute(insert(_STATE).values(name=_FINGERPRINT, value=fingerprint))


def ensure_tables(connection: Connection, tables: Iterable[Table]) -> list[str]:
    """Create the tables, columns and indexes that are not there; returns what the rows in the database do not allow.

    Needs a writing transaction, so that one process at a time does it.
    """
    existing = set(inspect(connection).get_table_names())
    problems = []
    for table in tables:
        if table.name in existing:
            _add_columns(connection, table)
        else:
            connection.execute(CreateTable(table))
        problems += _add_indexes(connection, table)
    return problems


def _add_columns(connection: Connection, table: Table) -> None:
    existing = {column["name"] for column in inspect(connection).get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        if column.name not in existing:
            # The rows that are there have no value, unless there is a default. SQLite refuses the present moment there.
            default = None if _is_computed(column) else column.server_default
            is_nullable = bool(column.nullable) or default is None
            added = Column(column.name, column.type, nullable=is_nullable, server_default=default)
            Table(table.name, MetaData(), added)
            specification = CreateColumn(added).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {specification}")


def _is_computed(column: Column[Any]) -> bool:
    return isinstance(getattr(column.server_default, "arg", None), FunctionElement)


def _add_indexes(connection: Connection, table: Table) -> list[str]:
    problems = []
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        try:
            # MariaDB ends the transaction, and with it every savepoint, whenever a table is changed.
            with nullcontext() if connection.dialect.name == "mariadb" else connection.begin_nested():
                connection.execute(CreateIndex(index, if_not_exists=True))
        except (IntegrityError, OperationalError) as error:
            problems.append(_why_not(table, index, error))
    return problems


def _why_not(table: Table, index: Index, error: DBAPIError) -> str:
    return f"The index {index.name} of the table {table.name} cannot be created: {error.orig}."
