"""Adding to a database what is defined and missing, without changing or dropping anything."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext

from sqlalchemy import Column, Connection, Index, MetaData, Table, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from core.orm.added_column import added_column


def ensure_tables(connection: Connection, tables: Iterable[Table]) -> tuple[list[str], list[str]]:
    """Create the tables, columns and indexes that are not there.

    Returns the tables that were there already, and what the rows in the database do not allow. Needs a writing
    transaction, so that one process at a time does it.
    """
    existing = set(inspect(connection).get_table_names())
    found, problems = [], []
    for table in tables:
        if table.name in existing:
            found.append(table.name)
            _add_columns(connection, table)
        else:
            connection.execute(CreateTable(table))
        problems += _add_indexes(connection, table)
    return found, problems


def _add_columns(connection: Connection, table: Table) -> None:
    existing = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in existing:
            _add_column(connection, table, column)


def _add_column(connection: Connection, table: Table, column: Column[object]) -> None:
    added = added_column(column)
    Table(table.name, MetaData(), added)
    compiler = connection.dialect.ddl_compiler(connection.dialect, CreateTable(table))
    quoted = connection.dialect.identifier_preparer.format_table(table)
    connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {compiler.get_column_specification(added)}")
    default = compiler.get_column_default_string(column)
    if default and added.server_default is None and connection.dialect.name != "sqlite":
        name = connection.dialect.identifier_preparer.format_column(added)
        connection.exec_driver_sql(f"ALTER TABLE {quoted} ALTER COLUMN {name} SET DEFAULT {default}")


def _add_indexes(connection: Connection, table: Table) -> list[str]:
    problems = []
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        try:
            # MariaDB ends the transaction, and with it every savepoint, whenever a table is changed.
            with nullcontext() if connection.dialect.name == "mariadb" else connection.begin_nested():
                connection.execute(CreateIndex(index, if_not_exists=True))
        except (IntegrityError, OperationalError) as error:
            if error.connection_invalidated:
                raise  # the server is gone, which is not for want of a fitting row
            problems.append(_why_not(table, index, error))
    return problems


def _why_not(table: Table, index: Index, error: DBAPIError) -> str:
    return f"The index {index.name} of the table {table.name} cannot be created: {error.orig}."
