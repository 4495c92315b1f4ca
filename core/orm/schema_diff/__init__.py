"""What differs between the tables in a database and the metadata, and the SQL that mends it.

Nothing in here decides when it is run, and nothing imports alembic before there is something to be changed.
"""

from core.orm.schema_diff.schema_diff import SchemaDiff
from core.orm.schema_diff.statement import Statement, Update

__all__ = ["SchemaDiff", "Statement", "Update"]
