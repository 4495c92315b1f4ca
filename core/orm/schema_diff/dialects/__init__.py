"""How each kind of database describes its tables and changes them, a file each."""

from sqlalchemy import Connection

from core.orm.schema_diff.dialect import SchemaDialect
from core.orm.schema_diff.dialects.mariadb import MariaDBSchema
from core.orm.schema_diff.dialects.postgresql import PostgreSQLSchema
from core.orm.schema_diff.dialects.sqlite import SQLiteSchema

__all__ = ["dialect_of"]

_DIALECTS: dict[str, type[SchemaDialect]] = {
    "mariadb": MariaDBSchema,
    "mysql": MariaDBSchema,
    "postgresql": PostgreSQLSchema,
    "sqlite": SQLiteSchema,
}


def dialect_of(connection: Connection) -> SchemaDialect:
    """What knows the database at the other end."""
    return _DIALECTS[connection.dialect.name](connection)
