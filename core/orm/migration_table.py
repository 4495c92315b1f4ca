"""The table of the migrations that have run; which these are is nothing that is known here."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Table

from core.orm.column_types import TABLE_OPTIONS, Moment

#: One row for each migration that has run.
MIGRATIONS = Table(
    "pyatro_migration",
    MetaData(),
    Column("module", String(150), primary_key=True),
    Column("version", String(40), primary_key=True),
    Column("run_at", Moment, nullable=False),
    **TABLE_OPTIONS,
)
